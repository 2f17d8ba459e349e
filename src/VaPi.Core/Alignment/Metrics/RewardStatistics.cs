using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.Metrics;

/// <summary>Rewards of a rollout's samples.</summary>
/// <param name="Mean">The mean over all samples.</param>
/// <param name="Deviation">The standard deviation over all samples (n - 1).</param>
/// <param name="GroupDeviation">The standard deviation within a group (n - 1), mean over groups: what advantages are made of; 0 in groups of one.</param>
/// <param name="Minimum">The lowest of all samples.</param>
/// <param name="Maximum">The highest of all samples.</param>
public sealed record RewardStatistics(double Mean, double Deviation, double GroupDeviation, double Minimum, double Maximum)
{
    /// <summary>Of rewards that are not finite.</summary>
    internal static RewardStatistics NotFinite { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <param name="values">(B, G).</param>
    internal static RewardStatistics Of(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = values.to(ScalarType.Float64);
        Tensor centred = wide - wide.mean([1], keepdim: true);

        // One sample deviates from nothing.
        Tensor withinGroups = (centred.square().sum([1]) / Math.Max(1, wide.shape[1] - 1)).sqrt().mean();
        Tensor deviation = wide.numel() > 1 ? wide.std() : withinGroups;
        double[] read = stack([wide.mean(), deviation, withinGroups, wide.min(), wide.max()]).cpu().data<double>().ToArray();
        return new RewardStatistics(read[0], read[1], read[2], read[3], read[4]);
    }
}
