using TorchSharp;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>LPIPS, with heads from both legacy dialects.</summary>
internal sealed class LpipsCheck : ICheck
{
    public IReadOnlyList<string> Names => ["lpips"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("lpips.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("lpips.safetensors");
        foreach (string heads in new[] { "lpips_lin_legacy.pth", "lpips_lin_legacy_py2.pth" })
        {
            using IDisposable gradients = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Reward lpips = golden.Lpips(heads);
            int images = (int)expected["x"].shape[0];
            using var condition = new NoCondition(images);
            using IRewardScorer scorer = lpips.Prepare(expected["x"], condition);
            using RewardBatch scored = scorer.Score(new RewardChunk(expected["y"], zeros([images, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, images));
            report.Values($"lpips.{heads}", -scored.Values, expected["lpips"]);
        }
    }
}
