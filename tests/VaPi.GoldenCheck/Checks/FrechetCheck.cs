using VaPi.Evaluation;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>The Frechet distance of given features.</summary>
internal sealed class FrechetCheck : ICheck
{
    public IReadOnlyList<string> Names => ["metrics"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("metrics.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("metrics.safetensors");
        double distance = FrechetDistance.Between(expected["reference_features"], expected["sample_features"]);
        double published = expected["frechet_distance"].cpu().item<double>();
        report.Line("metrics.frechet_distance", Math.Abs(distance - published) / published, 1e-4);
        foreach (string name in new[] { "inception_score_split500", "inception_score_split100", "precision_k3", "recall_k3", "psnr", "ssim" })
            report.NotCovered($"metrics.{name}");
    }
}
