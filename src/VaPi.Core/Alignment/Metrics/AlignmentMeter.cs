using System.Diagnostics.Metrics;

namespace VaPi.Alignment.Metrics;

/// <summary>The instruments of all trainers of the process, under the meter <c>VaPi.Alignment</c>.</summary>
internal static class AlignmentMeter
{
    public const string Name = "VaPi.Alignment";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Rollouts = Meter.CreateCounter<long>("vapi.rollouts", "{rollout}", "Rollouts made.");
    private static readonly Counter<long> Updates = Meter.CreateCounter<long>("vapi.updates", "{update}", "Optimiser updates made.");
    private static readonly Counter<long> Skipped = Meter.CreateCounter<long>("vapi.updates.skipped", "{update}", "Optimiser updates not made because something was not finite.");
    private static readonly Counter<long> Images = Meter.CreateCounter<long>("vapi.images", "{image}", "Images aligned on.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("vapi.step.duration", "s", "Seconds a step took.");
    private static readonly Histogram<double> Reward = Meter.CreateHistogram<double>("vapi.reward", null, "Mean reward of a rollout's samples.");
    private static readonly Histogram<double> GradientNorm = Meter.CreateHistogram<double>("vapi.gradient.norm", null, "Gradient norm before clipping.");

    public static void Record(AlignmentStep step, int images)
    {
        Rollouts.Add(1);
        Updates.Add(step.GradientNorms.Count);
        if (step.SkippedUpdates > 0)
            Skipped.Add(step.SkippedUpdates);
        Images.Add(images);
        Duration.Record(step.Seconds.Total);
        if (double.IsFinite(step.Reward.Mean))
            Reward.Record(step.Reward.Mean);
        if (double.IsFinite(step.GradientNorm))
            GradientNorm.Record(step.GradientNorm);
    }
}
