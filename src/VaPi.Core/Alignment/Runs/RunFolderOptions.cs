namespace VaPi.Alignment.Runs;

/// <summary>When a run's checkpoints are written, and which are kept.</summary>
public sealed class RunFolderOptions
{
    /// <summary>The rollouts between two checkpoints; at least 1. One is written at the end of the run besides.</summary>
    public int CheckpointEvery { get; set; } = 10;

    /// <summary>How many of the newest checkpoints are kept; at least 1. With 1 there is none to fall back on if it is damaged.</summary>
    public int Keep { get; set; } = 3;

    /// <summary>
    /// Whether the best checkpoint is kept beside the newest: with early stopping the one that was measured best, otherwise the one
    /// with the highest mean reward of the last <see cref="CheckpointEvery"/> rollouts before it.
    /// </summary>
    public bool KeepBest { get; set; } = true;

    /// <summary>
    /// Whether a checkpoint is written where <see cref="AlignmentTrainer.RunAsync"/> stops before its end: when it is cancelled, when
    /// a step fails, and when its consumer leaves it.
    /// </summary>
    public bool CheckpointOnStop { get; set; } = true;

    /// <summary>
    /// Whether a run may be resumed with options or parts that differ from its own: each difference is then a warning, and the
    /// run goes on with what is new. Off, it is an error. What changes no number, such as <see cref="AlignmentOptions.Rollouts"/>,
    /// may always differ.
    /// </summary>
    public bool AcceptChanges { get; set; }

    /// <summary>Called before each of a checkpoint's files is written, with its name, and before it is renamed, with the folder's.</summary>
    internal Action<string>? Writing { get; set; }

    internal RunFolderOptions Clone() => (RunFolderOptions)MemberwiseClone();

    /// <summary>Everything that is out of range, with its name, value and range.</summary>
    internal IEnumerable<string> Problems()
    {
        if (CheckpointEvery < 1)
            yield return $"{nameof(RunFolderOptions)}.{nameof(CheckpointEvery)} is {CheckpointEvery}; allowed: 1 or more.";
        if (Keep < 1)
            yield return $"{nameof(RunFolderOptions)}.{nameof(Keep)} is {Keep}; allowed: 1 or more.";
    }
}
