namespace VaPi.Alignment.Schedules;

/// <summary>A schedule times a factor for each law. The factors are the trainer's, so that trainers may share a schedule.</summary>
internal sealed class SteeredSchedule(Schedule baseline, SteeringLaw law) : Schedule
{
    public override (double Lowest, double Highest) Range
    {
        get
        {
            (double low, double high) = baseline.Range;
            return (Math.Min(low * law.LowestFactor, low * law.HighestFactor), Math.Max(high * law.LowestFactor, high * law.HighestFactor));
        }
    }

    internal override IReadOnlyList<SteeringLaw> Laws { get; } = [.. baseline.Laws, law];

    public override double At(long rollout) => baseline.At(rollout);
}
