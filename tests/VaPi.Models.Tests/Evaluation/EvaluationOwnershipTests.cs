using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using VaPi.Evaluation.Files;
using VaPi.Evaluation.Tokenizers;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

/// <summary>What is taken stays the caller's, and what is left behind is nothing.</summary>
[Collection(AloneCollection.Name)]
public class EvaluationOwnershipTests
{
    [Fact]
    public void Evaluating_leaves_no_tensors_and_not_those_of_the_stream()
    {
        var network = new FeatureFunction("toy", batch => batch.mean([2, 3]), batch => batch.mean([2, 3]).softmax(1));
        using var folder = new TemporaryFolder();
        using Tensor images = Toys.Images(20);
        AssertNothingLeft(() =>
        {
            using FeatureCollection reference = FeatureCollection.Of(network, ImageStream.Of(images, 6));
            ImageEvaluation.Run(network, reference, ImageStream.Of(images, 6));
            reference.Save(folder.File("statistics.npz"));
            FeatureCollection.Load(folder.File("statistics.npz")).Dispose();
            using var writer = new SampleArchiveWriter(folder.File("samples.npz"));
            writer.Add(images);
            writer.Complete();
            FeatureCollection.Of(network, SampleArchive.Read(folder.File("samples.npz"), 6)).Dispose();
        });
        Assert.Equal([20, 3, 12, 8], images.shape);
    }

    [Fact]
    public void A_tokenizers_report_leaves_no_tensors()
    {
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using Tensor images = Toys.Images(6);
        using ImageDistance distance = ImageDistance.FromReward("absolute error", Reward.MeanAbsoluteError());
        var options = new TokenizerReportOptions
        {
            Distance = distance,
            Network = new FeatureFunction("toy", batch => batch.mean([2, 3])),
            TextHeights = [5],
            TextImages = 3,
        };
        AssertNothingLeft(() => TokenizerReport.Measure(tokenizer, ImageStream.Of(images, 4), options));
    }

    [Fact]
    public void Measures_of_images_leave_their_result_only()
    {
        using Tensor images = Toys.Images(2);
        using Tensor large = randn(2, 3, 12, 12);
        AssertNothingLeft(() =>
        {
            PeakSignalToNoise.Between(images, images).Dispose();
            StructuralSimilarity.Between(large, large).Dispose();
            new FineDetail().Add(images, images);
            using Tensor rows = images.flatten(1);
            Assert.Throws<ArgumentException>(() => PrecisionRecall.Between(rows, rows));
            PrecisionRecall.Between(rows, rows, 1);
        });
    }

    private static void AssertNothingLeft(Action action)
    {
        action(); // what is made once is made
        long before = LiveTensors.Settled();
        action();
        Assert.Equal(before, Tensor.TotalCount);
    }
}
