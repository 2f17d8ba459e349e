using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.Advantages;

/// <summary>
/// reward - mean of the group's other samples: a baseline that does not depend on the sample, so the gradient has no bias
/// (REINFORCE leave-one-out). It is n / (n - 1) times what <see cref="MeanOnly"/> gives.
/// <see cref="AlignmentOptions.AdvantageClip"/> is in units of the reward.
/// </summary>
public sealed class LeaveOneOut : IAdvantageEstimator
{
    /// <inheritdoc/>
    public Tensor Estimate(Tensor rewards)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = rewards.to(ScalarType.Float64);
        Tensor centred = wide - wide.mean([1], keepdim: true);
        long samples = rewards.shape[1];
        return (centred * (samples / (samples - 1.0))).to(rewards.dtype).MoveToOuterDisposeScope();
    }
}
