#region balanced reward
using VaPi;
using VaPi.Alignment;
using VaPi.Rewards;
#endregion

namespace Documents;

internal static class BalancedReward
{
    public static Reward Make(IAutoregressivePolicy policy, ITokenizer tokenizer, IImageSource images)
    {
        #region balanced reward
        var options = new AlignmentOptions { GroupSize = 8, ContextNoise = 0.5 };
        double Spread(Reward reward) =>
            HeldOutReward.Measure(policy, tokenizer, reward, images, options, imageCount: 64).GroupDeviation;

        Reward pixels = Reward.MeanSquaredError();
        Reward edges = new EdgeReward();
        Reward reward = pixels + Spread(pixels) / Spread(edges) * edges; // both have the same say
        #endregion
        return reward;
    }
}
