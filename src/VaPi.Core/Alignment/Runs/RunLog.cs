using Microsoft.Extensions.Logging;

namespace VaPi.Alignment.Runs;

/// <summary>The messages of run folders.</summary>
internal static partial class RunLog
{
    [LoggerMessage(30, LogLevel.Information, "The run in {Folder} goes on after rollout {Step}")]
    public static partial void Resumed(ILogger logger, string folder, long step);

    [LoggerMessage(31, LogLevel.Information, "A new run begins in {Folder}")]
    public static partial void Began(ILogger logger, string folder);

    [LoggerMessage(32, LogLevel.Warning, "The checkpoint {Checkpoint} is damaged: {Problem}. It has been renamed to {Aside}, and the one before it is used")]
    public static partial void Damaged(ILogger logger, string checkpoint, string problem, string aside);

    [LoggerMessage(33, LogLevel.Warning, "The run in {Folder} is resumed with changes, and is no longer the run that it was: {Changes}")]
    public static partial void Changed(ILogger logger, string folder, string changes);

    [LoggerMessage(34, LogLevel.Warning, "The run in {Folder} is resumed where its numbers may differ in their last digits: {Changes}")]
    public static partial void OtherEnvironment(ILogger logger, string folder, string changes);

    [LoggerMessage(35, LogLevel.Information, "Wrote the checkpoint {Checkpoint}")]
    public static partial void Saved(ILogger logger, string checkpoint);

    [LoggerMessage(36, LogLevel.Error, "After rollout {Step} no checkpoint could be written; the earlier ones stay, the run goes on, and the next checkpoint is tried when it is due. {Remedy}")]
    public static partial void NotSaved(ILogger logger, Exception exception, long step, string remedy);

    [LoggerMessage(37, LogLevel.Warning, "The metrics file {Path} is not what the run wrote up to rollout {Step}; it has been renamed to {Aside}, and a new one begins there")]
    public static partial void ForeignMetrics(ILogger logger, string path, long step, string aside);

    [LoggerMessage(38, LogLevel.Warning, "The metrics file {Path} cannot be written; its lines are kept in memory and written when it can. {Remedy}")]
    public static partial void MetricsNotWritten(ILogger logger, Exception exception, string path, string remedy);

    [LoggerMessage(39, LogLevel.Warning, "The checkpoint {Checkpoint} is no longer needed but cannot be deleted; delete it by hand")]
    public static partial void NotDeleted(ILogger logger, Exception exception, string checkpoint);

    [LoggerMessage(40, LogLevel.Debug, "Removed {Folder}, which a run that was stopped had left half written")]
    public static partial void CleanedUp(ILogger logger, string folder);
}
