using System.Diagnostics;

namespace VaPi.Alignment.Metrics;

/// <summary>Adds up the time between laps, phase by phase.</summary>
internal sealed class PhaseClock
{
    // In the order of the phases; the same as measurements have.
    private static readonly string[] Names = [.. new PhaseSeconds(0, 0, 0, 0, 0, 0, 0).ByPhase.Select(phase => phase.Name)];

    private readonly Dictionary<Phase, double> _seconds = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _lap = Stopwatch.GetTimestamp();

    public enum Phase
    {
        Data,
        Encode,
        Sample,
        Score,
        Train,
        Update,
    }

    /// <summary>Counts the time since the last lap to a phase, less what another phase had of it before.</summary>
    public void Lap(Phase phase, Phase? other = null, double otherSeconds = 0)
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_lap, now).TotalSeconds - otherSeconds;
        if (other is { } counted)
            Add(counted, otherSeconds, ago: seconds);
        Add(phase, seconds, ago: 0);
        _lap = now;
    }

    public PhaseSeconds Read() => new(
        Of(Phase.Data), Of(Phase.Encode), Of(Phase.Sample), Of(Phase.Score), Of(Phase.Train), Of(Phase.Update), Stopwatch.GetElapsedTime(_started).TotalSeconds);

    private void Add(Phase phase, double seconds, double ago)
    {
        _seconds[phase] = Of(phase) + seconds;
        AlignmentActivities.AddPhase(Names[(int)phase], seconds, ago);
    }

    private double Of(Phase phase) => _seconds.GetValueOrDefault(phase);
}
