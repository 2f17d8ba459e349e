#region evaluation-inception
using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using VaPi.Evaluation.Files;
#endregion
using VaPi.Evaluation.Tokenizers;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace Documents;

/// <summary>The code of <c>docs/evaluation.md</c>.</summary>
public class EvaluationSnippets
{
    [Fact]
    public void Images_are_compared_with_a_function_of_ones_own()
    {
        using Tensor heldOut = Pixels(40, 1);
        using Tensor generated = Pixels(30, 2);
        using Tensor weights = randn(3, 8);

        EvaluationReport report = Own(heldOut, generated, weights);

        Assert.True(report.FrechetDistance > 0);
        Assert.NotNull(report.PrecisionRecall);
    }

    [Fact]
    public void A_tokenizer_is_reported_on()
    {
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using Tensor images = Toys.Images(6);
        Assert.Equal(6, Tokenizer(tokenizer, images).ImageCount);
    }

    [Fact]
    public void Measures_are_gathered_by_hand()
    {
        using Tensor images = Pixels(6, 1);
        using Tensor reconstructions = Pixels(6, 2);
        Assert.InRange(ByHand(images.split(2), reconstructions), 2, 10);
    }

    [Fact]
    public void Samples_are_written_for_other_evaluators()
    {
        using var folder = new TemporaryFolder();
        using Tensor images = Pixels(5, 1);
        string path = Path.Combine(folder.Root, "samples.npz");
        Write(images.split(2), path);
        Assert.Equal(5, SampleArchive.Read(path).Sum(batch => batch.shape[0]));
    }

    // Compiled, not run: its files are not here.
    internal static void Inception(IEnumerable<Tensor> samples)
    {
        #region evaluation-inception
        using InceptionV3 network = InceptionV3.Load("pt_inception-2015-12-05-6726825d.pth");
        using FeatureCollection reference = FeatureCollection.Of(network, SampleArchive.Read("VIRTUAL_imagenet256_labeled.npz"));

        EvaluationReport report = ImageEvaluation.Run(network, reference, samples);
        Console.WriteLine(report);
        #endregion
    }

    // Compiled, not run: its files are not here.
    internal static void TextImage(IEnumerable<(Tensor Images, Tensor Tokens)> batches)
    {
        #region evaluation-text-image
        using TorchScriptNetwork ofImages = TorchScriptNetwork.Load("clip-image.pt", images => nn.functional.interpolate(images, size: [224, 224], mode: InterpolationMode.Bilinear));
        using TorchScriptNetwork ofTexts = TorchScriptNetwork.Load("clip-text.pt"); // takes tokens, (N, L)

        var score = new TextImageScore(ofImages, ofTexts);
        foreach ((Tensor images, Tensor tokens) in batches)
            score.Add(images, tokens);
        Console.WriteLine($"CLIP score {100 * score.Value:F2}");
        #endregion
    }

    private static EvaluationReport Own(Tensor heldOut, Tensor generated, Tensor weights)
    {
        #region evaluation-own
        var network = new FeatureFunction("my network", images => images.mean([2, 3]).matmul(weights).relu()); // (N, 3, H, W) to (N, D)
        using FeatureCollection reference = FeatureCollection.Of(network, ImageStream.Of(heldOut));

        EvaluationReport report = ImageEvaluation.Run(network, reference, ImageStream.Of(generated));
        #endregion
        return report;
    }

    private static TokenizerReport Tokenizer(LlamaGenTokenizer tokenizer, Tensor images)
    {
        #region evaluation-tokenizer
        TokenizerReport report = TokenizerReport.Measure(tokenizer, ImageStream.Of(images));
        Console.WriteLine(report); // or report.Table.ToMarkdown()
        #endregion
        return report;
    }

    private static double ByHand(IEnumerable<Tensor> batches, Tensor reconstructions)
    {
        #region evaluation-by-hand
        using var moments = new FeatureMoments(); // mean and covariance, in memory that does not grow
        foreach (Tensor images in batches)
            moments.Add(images.mean([2, 3]));
        using FeatureStatistics statistics = moments.Statistics();
        using FeatureStatistics others = FeatureStatistics.Of(reconstructions.mean([2, 3]));
        double frechet = FrechetDistance.Between(statistics, others);

        Tensor ratios = PeakSignalToNoise.Between(batches.First(), reconstructions.narrow(0, 0, 2)); // (N), in dB
        #endregion
        return frechet >= 0 ? ratios.mean().item<double>() : double.NaN;
    }

    private static void Write(IEnumerable<Tensor> batches, string path)
    {
        #region evaluation-samples
        using var samples = new SampleArchiveWriter(path);
        foreach (Tensor images in batches)
            samples.Add(images);
        samples.Complete();
        #endregion
    }

    private static Tensor Pixels(int count, ulong seed)
    {
        using var generator = new Generator(seed);
        return rand([count, 3, 16, 16], generator: generator).mul_(2).sub_(1);
    }
}
