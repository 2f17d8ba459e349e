namespace VaPi.Alignment.Runs;

/// <summary>A checkpoint of a run, as <see cref="RunFolder.Checkpoints"/> finds it.</summary>
public sealed record RunCheckpoint
{
    /// <summary>The rollouts made before it.</summary>
    public required long Step { get; init; }

    /// <summary>The checkpoint's folder.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The weights as <see cref="AlignmentTrainer.CopyWeights"/> gives them, a safetensors file by the policy's own parameter names.
    /// </summary>
    public string PolicyPath => System.IO.Path.Combine(Path, CheckpointFiles.Policy);

    /// <summary>What checkpoints are compared by: the name of what early stopping measures, or the mean reward.</summary>
    public required string Measure { get; init; }

    /// <summary>Its value; null if it was not measured at this checkpoint.</summary>
    public required double? Value { get; init; }

    /// <summary>Whether it is the best of the folder's checkpoints.</summary>
    public required bool IsBest { get; init; }
}
