namespace QuickStart.Reporting;

/// <summary>How far the run is, at one moment.</summary>
/// <param name="Phases">All of them, in order.</param>
/// <param name="Current">The index of the one under way.</param>
/// <param name="Done">Its steps that are done.</param>
/// <param name="Taken">The time that each earlier phase took.</param>
/// <param name="Elapsed">Since the run began.</param>
/// <param name="Left">Until the whole run ends, estimated; null while nothing says.</param>
/// <param name="Trend">The rewards of the rollouts so far.</param>
internal sealed record RunState(
    IReadOnlyList<RunPhase> Phases, int Current, int Done, IReadOnlyList<TimeSpan> Taken, TimeSpan Elapsed, TimeSpan? Left, RewardTrend Trend)
{
    public RunPhase Phase => Phases[Current];

    /// <summary>The share of the whole run's time that has passed, 0 to 1.</summary>
    public double Share => Left is TimeSpan left ? Elapsed / (Elapsed + left) : 0;

    /// <summary>The same moment's knowledge, some time later.</summary>
    public RunState After(TimeSpan time) =>
        this with { Elapsed = Elapsed + time, Left = Left is TimeSpan left ? TimeSpan.FromTicks(Math.Max(0, (left - time).Ticks)) : null };
}
