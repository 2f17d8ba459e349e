using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.Advantages;

/// <summary>
/// (reward - mean of the group) / (standard deviation of the group + 1e-8), with n - 1 in the deviation: the published choice
/// (group-relative policy optimisation).
/// </summary>
public sealed class GroupNormalised : IAdvantageEstimator
{
    private const double Epsilon = 1e-8;

    /// <inheritdoc/>
    public Tensor Estimate(Tensor rewards)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        using DisposeScope scope = NewDisposeScope();

        // In float32 the mean of equal rewards may miss them by a rounding error, as large as epsilon and so an advantage.
        Tensor wide = rewards.to(ScalarType.Float64);
        Tensor centred = wide - wide.mean([1], keepdim: true);
        Tensor deviation = (centred.square().sum([1], keepdim: true) / (rewards.shape[1] - 1)).sqrt();
        return (centred / (deviation + Epsilon)).to(rewards.dtype).MoveToOuterDisposeScope();
    }
}
