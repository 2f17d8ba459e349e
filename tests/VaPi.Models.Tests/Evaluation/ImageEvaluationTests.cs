using TorchSharp;
using VaPi.Data;
using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using VaPi.Evaluation.Reporting;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public class ImageEvaluationTests
{
    private static readonly FeatureFunction Network = new("toy", images => images.flatten(2).narrow(2, 0, 3).flatten(1), images => images.mean([2, 3]).softmax(1));

    [Fact]
    public void One_call_gives_what_each_measure_gives_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor real, Tensor generated) = (Toys.Images(40, 1), Toys.Images(30, 2) * 0.9);
        using FeatureCollection reference = FeatureCollection.Of(Network, ImageStream.Of(real, 16));

        EvaluationReport report = ImageEvaluation.Run(Network, reference, ImageStream.Of(generated, 7));

        (Tensor left, Tensor right) = (Features(real), Features(generated));
        Assert.Equal(FrechetDistance.Between(left, right), report.FrechetDistance, 1e-9);
        Assert.Equal(PrecisionRecall.Between(left, right), report.PrecisionRecall);
        Assert.Equal(InceptionScore.Of(generated.mean([2, 3]).softmax(1)), report.InceptionScore!.Value, 1e-6);
        Assert.Null(report.SpatialFrechetDistance);
        Assert.Equal((30L, 40L, "toy"), (report.SampleCount, report.ReferenceCount, report.Network));
        Assert.Equal(["Frechet distance", "Inception Score", "precision", "recall"], report.Table.Measures.Select(measure => measure.Name));
        Assert.Equal(report.FrechetDistance, report.Table["Frechet distance"]);

        static Tensor Features(Tensor images) => images.flatten(2).narrow(2, 0, 3).flatten(1);
    }

    [Fact]
    public void Without_kept_features_there_is_no_precision_and_no_memory_of_each_image()
    {
        using DisposeScope scope = NewDisposeScope();
        using FeatureCollection reference = FeatureCollection.Of(Network, ImageStream.Of(Toys.Images(20)), new FeatureCollectionOptions { KeepFeatures = false });
        EvaluationReport report = ImageEvaluation.Run(Network, reference, ImageStream.Of(Toys.Images(20)));
        Assert.Null(reference.Features);
        Assert.Null(report.PrecisionRecall);
        Assert.Equal(0, report.FrechetDistance, 1e-6);
    }

    [Fact]
    public void Values_beyond_the_range_are_clamped_before_the_network_sees_them()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Toys.Images(10) * 3;
        using FeatureCollection wide = FeatureCollection.Of(Network, ImageStream.Of(images));
        using FeatureCollection clamped = FeatureCollection.Of(Network, ImageStream.Of(images.clamp(-1, 1)));
        Same.AssertExact(clamped.Features!, wide.Features!);
    }

    [Fact]
    public void A_source_of_images_is_read_once_in_its_order_and_as_far_as_asked()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Toys.Images(10);
        using var labels = new ClassCondition(new long[10]);
        using TensorImageSource source = ImageSource.FromTensors(images, labels);
        Same.AssertExact(images, cat([.. ImageStream.Of(source, 4)]));
        Same.AssertExact(images.narrow(0, 0, 7), cat([.. ImageStream.Of(source, 4, limit: 7)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageStream.Of(source, 0));
    }

    [Fact]
    public void It_can_be_stopped_and_tells_how_far_it_is()
    {
        using DisposeScope scope = NewDisposeScope();
        using var stop = new CancellationTokenSource();
        var seen = new List<long>();
        var progress = new Immediate(count =>
        {
            seen.Add(count);
            if (count >= 8)
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => FeatureCollection.Of(Network, ImageStream.Of(Toys.Images(20), 4), progress: progress, cancellationToken: stop.Token));
        Assert.Equal([4, 8], seen);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => FeatureCollection.Of(Network, []));
        Assert.Contains("(2, 1, 4, 4)", Assert.Throws<ArgumentException>(() => FeatureCollection.Of(Network, [zeros(2, 1, 4, 4)])).Message, StringComparison.Ordinal);
        var maps = new FeatureFunction("maps", images => images.alias());
        Assert.Contains("Average feature maps", Assert.Throws<ArgumentException>(() => FeatureCollection.Of(maps, ImageStream.Of(Toys.Images(4)))).Message, StringComparison.Ordinal);
        using FeatureCollection narrow = FeatureCollection.Of(new FeatureFunction("narrow", images => images.mean([2, 3])), ImageStream.Of(Toys.Images(8)));
        Assert.Contains("9", Assert.Throws<ArgumentException>(() => ImageEvaluation.Run(Network, narrow, ImageStream.Of(Toys.Images(8)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_are_aligned_text_and_Markdown()
    {
        var table = new MeasureTable("title", [new Measure("a", 1.25, "dB", true), new Measure("longer", 12345.6)]);
        Assert.Equal("title\n  a            1.25 dB  (higher is better)\n  longer         12346", table.ToString());
        Assert.Equal("| measure | value | better |\n| --- | --- | --- |\n| a | 1.25 dB | higher |\n| longer | 12346 |  |\n", table.ToMarkdown());
        Assert.Contains("'longer'", Assert.Throws<KeyNotFoundException>(() => table["b"]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new MeasureTable("title", [new Measure("a", 1), new Measure("a", 2)]));
    }

    private sealed class Immediate(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
