using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>
/// A reward that can say where in the image it comes from, so that <see cref="Reward.Localised"/> can credit each token with
/// what it is near to. Localised, it is recorded under its own name alone: parts that its whole-image scores name are not.
/// </summary>
public interface ILocalReward : IRewardFunction
{
    /// <summary>As <see cref="IRewardFunction.Prepare"/>, for scores with their place.</summary>
    /// <param name="targets">(B, 3, H, W), float32, in [-1, 1]; null in rollouts without originals. Stays the caller's.</param>
    /// <param name="condition">The images' condition. Stays the caller's.</param>
    /// <returns>A scorer for this batch. Belongs to the caller.</returns>
    ILocalRewardScorer PrepareLocal(Tensor? targets, Condition condition);
}
