using VaPi.Alignment.Metrics;

namespace VaPi.Alignment.Schedules;

/// <summary>A schedule in a run, with the factors that its laws have steered so far.</summary>
/// <param name="name">Under which the trainer's state keeps the factors.</param>
/// <param name="schedule">Plain or steered.</param>
internal sealed class SteeredValue(string name, Schedule schedule)
{
    private double[] _factors = [.. schedule.Laws.Select(_ => 1.0)];

    public string Name => name;

    /// <summary>One for each law, in order; empty for a plain schedule. All are replaced at once.</summary>
    public IReadOnlyList<double> Factors => _factors;

    public double At(long rollout) => _factors.Aggregate(schedule.At(rollout), (value, factor) => value * factor);

    public void Observe(AlignmentStep step) => _factors = [.. schedule.Laws.Zip(_factors, (law, factor) => law.Next(factor, step))];

    public bool Allows(IReadOnlyList<double> factors) =>
        factors.Count == _factors.Length && schedule.Laws.Zip(factors).All(pair => pair.Second >= pair.First.LowestFactor && pair.Second <= pair.First.HighestFactor);

    public void Restore(IReadOnlyList<double> factors) => _factors = [.. factors];
}
