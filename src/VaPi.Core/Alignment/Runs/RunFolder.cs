namespace VaPi.Alignment.Runs;

/// <summary>Looks into the folder of a run (<see cref="AlignmentTrainerBuilder.WithRunFolder"/>); the run may be under way.</summary>
public static class RunFolder
{
    /// <summary>The whole checkpoints of a run. Their checksums are not looked at; that is done when a run is resumed.</summary>
    /// <param name="path">The run folder.</param>
    /// <returns>From the oldest to the newest; none if none has been written yet.</returns>
    /// <exception cref="RunFolderException">There is no run folder at that place, or it cannot be read.</exception>
    public static IReadOnlyList<RunCheckpoint> Checkpoints(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string folder = Path.GetFullPath(path);
        if (!File.Exists(RunMarker.PathIn(folder)))
            throw new RunFolderException(folder, $"is none: it has no '{RunMarker.FileName}'. Give the folder that {nameof(AlignmentTrainerBuilder.WithRunFolder)} was given.");
        try
        {
            IReadOnlyList<StoredCheckpoint> stored = CheckpointStore.Readable(Path.Combine(folder, OpenRun.CheckpointsFolder));
            StoredCheckpoint? best = CheckpointStore.Best(stored);
            return
            [
                .. stored.Select(checkpoint => new RunCheckpoint
                {
                    Step = checkpoint.Manifest.Step,
                    Path = checkpoint.Path,
                    Measure = checkpoint.Manifest.Measure,
                    Value = checkpoint.Manifest.Value,
                    IsBest = checkpoint == best,
                }),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(folder, $"cannot be read: {exception.Message}", exception);
        }
    }
}
