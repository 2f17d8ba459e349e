using VaPi.Rewards;

namespace Documents;

/// <summary>Compiled, not run: its model files are not here.</summary>
internal static class LocalisedCredit
{
    public static void Run()
    {
        #region localised
        using Reward reward = (Reward.MeanSquaredError() + Reward.Lpips("vgg16.pth", "lpips_lin.pth"))
            .Localised(neighbourhood: 1, wholeImage: 0.25);
        #endregion
    }
}
