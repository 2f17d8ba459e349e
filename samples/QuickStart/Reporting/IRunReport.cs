using VaPi.Alignment.Metrics;

namespace QuickStart.Reporting;

/// <summary>
/// Tells whoever watches how the run goes. A report never fails the run: a window that is too small, or a pipe that nobody
/// reads from any more, only means that less is seen. Notes and warnings may come from any thread.
/// </summary>
internal interface IRunReport : IDisposable
{
    /// <summary>A phase began.</summary>
    void Began(RunState state);

    /// <summary>Some steps were made.</summary>
    void Advanced(RunState state);

    /// <summary>A rollout was made.</summary>
    void Rollout(AlignmentStep step, RunState state);

    /// <summary>Something to keep in sight.</summary>
    void Note(string text);

    /// <summary>Something that may not be as intended.</summary>
    void Warn(string text);

    /// <summary>The run is completed.</summary>
    void Completed(RunResult result);
}
