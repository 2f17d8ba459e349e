using TorchSharp;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>PatchGAN's map of logits, and the loss that the reward is minus.</summary>
internal sealed class PatchGanCheck : ICheck
{
    public IReadOnlyList<string> Names => ["patchgan"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("patchgan.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using PatchGanReward reward = golden.LoadPatchGan();
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("patchgan.safetensors");
        Tensor images = expected["x"];
        int count = (int)images.shape[0];
        using var condition = new NoCondition(count);
        using IRewardScorer scorer = reward.Prepare(null, condition);
        using RewardBatch scored = scorer.Score(new RewardChunk(images, zeros([count, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, count));
        report.Values("patchgan.logits", reward.Logits(images), expected["logits"]);
        report.Values("patchgan.loss", -scored.Values, expected["loss"]);
    }
}
