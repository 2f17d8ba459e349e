#region composed reward
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
#endregion

namespace Documents;

/// <summary>Compiled, not run: its model files are not here.</summary>
internal static class ComposedReward
{
    public static void Make()
    {
        #region composed reward
        using var tokenizer = LlamaGenTokenizer.Load("vq_ds16_c2i.pt", imageSize: 384);
        using var reward = Reward.MeanSquaredError()
            + Reward.Lpips("vgg16.pth", "lpips_lin.pth")
            + 0.1 * Reward.EmbeddingCosine(tokenizer)
            + 0 * Reward.PatchGan("vq_training.pt"); // recorded, not aligned on
        #endregion
    }
}
