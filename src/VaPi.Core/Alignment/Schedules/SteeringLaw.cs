using VaPi.Alignment.Metrics;

namespace VaPi.Alignment.Schedules;

/// <summary>
/// How a measured signal s with target s* moves the factor f of a schedule after each rollout:
/// f ← clamp(f · exp(gain · clamp((s* - s) / s*, -1, 1)), lowest, highest).
/// </summary>
internal sealed record SteeringLaw(Signal Signal, double Target, double Gain, double LowestFactor, double HighestFactor)
{
    /// <summary>The factor for the next rollout.</summary>
    public double Next(double factor, AlignmentStep step)
    {
        if (Signal.Read(step) is not { } measured || double.IsNaN(measured))
            return factor;

        // Relative to the target, so that a gain means the same for every signal; limited, so that no outlier throws it.
        double error = Math.Clamp((Target - measured) / Target, -1, 1);
        return Math.Clamp(factor * Math.Exp(Gain * error), LowestFactor, HighestFactor);
    }
}
