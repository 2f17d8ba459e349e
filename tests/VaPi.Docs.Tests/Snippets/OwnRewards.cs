using VaPi.Alignment;
using VaPi.Rewards;

namespace Documents;

internal static class OwnRewards
{
    public static Reward Use(AlignmentTrainerBuilder builder)
    {
        #region own rewards
        Reward reward = Reward.MeanSquaredError() + 0.5 * new EdgeReward() + 2 * new OvershootReward();
        builder.WithReward(reward);
        #endregion
        return reward;
    }
}
