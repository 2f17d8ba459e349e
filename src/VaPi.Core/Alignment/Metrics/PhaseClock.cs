using System.Diagnostics;

namespace VaPi.Alignment.Metrics;

/// <summary>Adds up the time between laps, phase by phase.</summary>
internal sealed class PhaseClock
{
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

    /// <summary>Counts the time since the last lap to a phase, less what another phase had of it.</summary>
    public void Lap(Phase phase, Phase? other = null, double otherSeconds = 0)
    {
        long now = Stopwatch.GetTimestamp();
        Add(phase, Stopwatch.GetElapsedTime(_lap, now).TotalSeconds - otherSeconds);
        if (other is { } counted)
            Add(counted, otherSeconds);
        _lap = now;
    }

    public PhaseSeconds Read() => new(
        Of(Phase.Data), Of(Phase.Encode), Of(Phase.Sample), Of(Phase.Score), Of(Phase.Train), Of(Phase.Update), Stopwatch.GetElapsedTime(_started).TotalSeconds);

    private void Add(Phase phase, double seconds) => _seconds[phase] = Of(phase) + seconds;

    private double Of(Phase phase) => _seconds.GetValueOrDefault(phase);
}
