using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// Scores decoded samples; higher is better. Scoring happens chunk by chunk, after <see cref="Prepare"/> has computed once what all
/// samples of an image share; without gradients, except in straight-through estimation.
/// </summary>
public interface IRewardFunction
{
    /// <summary>A short name for messages and logs, unique among the rewards of a sum.</summary>
    string Name { get; }

    /// <summary>What it needs; checked against the rollout when the trainer is built.</summary>
    RewardInputs Inputs { get; }

    /// <summary>
    /// The device of what it has loaded, which must be the policy's; checked when a trainer is built. Null if it says nothing of
    /// it, or runs wherever its inputs are.
    /// </summary>
    Device? Device => null;

    /// <summary>
    /// Whether its scorers' values carry gradients to the samples' pixels where gradients are enabled, as straight-through
    /// estimation needs. False unless a reward says otherwise.
    /// </summary>
    bool IsDifferentiable => false;

    /// <summary>Computes once a batch what does not depend on the samples, such as the targets' features.</summary>
    /// <param name="targets">(B, 3, H, W), float32, in [-1, 1]; null in rollouts without originals. Stays the caller's.</param>
    /// <param name="condition">The images' condition. Stays the caller's.</param>
    /// <returns>A scorer for this batch. Belongs to the caller.</returns>
    IRewardScorer Prepare(Tensor? targets, Condition condition);
}
