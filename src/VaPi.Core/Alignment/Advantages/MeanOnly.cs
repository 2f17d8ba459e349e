using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.Advantages;

/// <summary>
/// reward - mean of the group, not divided by anything: a group whose samples hardly differ then weighs little, where
/// <see cref="GroupNormalised"/> gives all groups the same weight. <see cref="AlignmentOptions.AdvantageClip"/> is in units of the reward.
/// </summary>
public sealed class MeanOnly : IAdvantageEstimator
{
    /// <inheritdoc/>
    public Tensor Estimate(Tensor rewards)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = rewards.to(ScalarType.Float64);
        return (wide - wide.mean([1], keepdim: true)).to(rewards.dtype).MoveToOuterDisposeScope();
    }
}
