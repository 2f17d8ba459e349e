using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.Metrics;

/// <summary>Rewards of a rollout's samples.</summary>
/// <param name="Mean">The mean over all samples.</param>
/// <param name="Deviation">The standard deviation over all samples (n - 1).</param>
/// <param name="GroupDeviation">The standard deviation within a group (n - 1), mean over groups: what advantages are made of.</param>
public sealed record RewardStatistics(double Mean, double Deviation, double GroupDeviation)
{
    /// <param name="values">(B, G).</param>
    internal static RewardStatistics Of(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = values.to(ScalarType.Float64);
        Tensor centred = wide - wide.mean([1], keepdim: true);
        Tensor withinGroups = (centred.square().sum([1]) / (wide.shape[1] - 1)).sqrt().mean();
        return new RewardStatistics(wide.mean().item<double>(), wide.std().item<double>(), withinGroups.item<double>());
    }
}
