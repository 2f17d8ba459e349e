using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.Advantages;

/// <summary>
/// (reward - mean of the group) / (standard deviation of the group + 1e-8), with n - 1 in the deviation: the published choice
/// (group-relative policy optimisation, Shao et al. 2024).
/// </summary>
public sealed class GroupNormalised : IAdvantageEstimator
{
    private const double Epsilon = 1e-8;

    /// <inheritdoc/>
    public Tensor Estimate(Tensor rewards)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        using DisposeScope scope = NewDisposeScope();
        Tensor centred = rewards - rewards.mean([1], keepdim: true);
        Tensor deviation = (centred.square().sum([1], keepdim: true) / (rewards.shape[1] - 1)).sqrt();
        return (centred / (deviation + Epsilon)).MoveToOuterDisposeScope();
    }
}
