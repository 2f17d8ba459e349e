using VaPi.Evaluation;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>Measures of given features, probabilities and images.</summary>
internal sealed class MetricsCheck : ICheck
{
    private const double Tolerance = 1e-6;
    private const double FrechetTolerance = 1e-4;

    public IReadOnlyList<string> Names => ["metrics"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("metrics.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("metrics.safetensors");
        (Tensor reference, Tensor samples) = (expected["reference_features"], expected["sample_features"]);
        Compare("frechet_distance", FrechetDistance.Between(reference, samples), FrechetTolerance);
        Compare("inception_score_split500", InceptionScore.Of(expected["class_probabilities"], 500), Tolerance);
        Compare("inception_score_split100", InceptionScore.Of(expected["class_probabilities"], 100), Tolerance);
        PrecisionRecall shares = PrecisionRecall.Between(reference, samples, neighbours: 3);
        Compare("precision_k3", shares.Precision, Tolerance);
        Compare("recall_k3", shares.Recall, Tolerance);
        (Tensor x, Tensor y) = (expected["image_x"], expected["image_y"]); // values from 0 to 1
        report.Values("metrics.psnr", PeakSignalToNoise.Between(x, y, lowest: 0, highest: 1), expected["psnr"], Tolerance);
        report.Values("metrics.ssim", StructuralSimilarity.Between(x, y, lowest: 0, highest: 1), expected["ssim"], Tolerance);

        void Compare(string name, double actual, double tolerance)
        {
            double published = expected[name].cpu().item<double>();
            report.Line($"metrics.{name}", Math.Abs(actual - published) / published, tolerance);
        }
    }
}
