using TorchSharp;
using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using VaPi.Evaluation.Tokenizers;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Rewards;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.Tests.Evaluation;

public class TokenizerReportTests
{
    [Fact]
    public void Lossless_but_for_levels_every_letter_is_read()
    {
        using Tensor images = Images(6);

        TokenizerReport report = TokenizerReport.Measure(new Levels(256), ImageStream.Of(images, 4), new TokenizerReportOptions { TextImages = 4 });

        Assert.Equal([7.0, 10, 14, 21, 28], report.Text.Select(reading => reading.Height));
        Assert.All(report.Text, reading => Assert.Equal((1.0, 1.0), (reading.Original, reading.Reconstruction)));
        Assert.All(report.Text, reading => Assert.True(reading.Letters >= 4));
        Assert.InRange(report.PeakSignalToNoise, 55, 62);
        Assert.InRange(report.StructuralSimilarity!.Value, 0.999, 1);
        Assert.InRange(report.FineDetailError!.Value, 0, 1e-3);
        Assert.Equal(6, report.ImageCount);
    }

    [Fact]
    public void Blurring_loses_fine_detail_and_small_letters_before_large_ones()
    {
        using Tensor images = Images(6);

        TokenizerReport report = TokenizerReport.Measure(new Levels(256, shrink: 4), ImageStream.Of(images, 4), new TokenizerReportOptions { TextImages = 16 });

        Assert.All(report.Text, reading => Assert.Equal(1.0, reading.Original));
        Assert.True(report.Text[^1].Reconstruction > 0.95, $"large: {report.Text[^1]}");
        Assert.True(report.Text[0].Reconstruction < 0.6, $"small: {report.Text[0]}");
        Assert.InRange(report.FineDetailError!.Value, 0.9, 1.1);
        Assert.True(report.FineDetailEnergy < 0.1);
    }

    [Fact]
    public void What_is_wiped_out_is_not_read()
    {
        using Tensor images = Images(2);
        TokenizerReport report = TokenizerReport.Measure(new Levels(1), ImageStream.Of(images), new TokenizerReportOptions { TextImages = 2 });
        Assert.All(report.Text, reading => Assert.Equal(0.0, reading.Reconstruction));
        Assert.Equal((1, 1.0), (report.Codebook.RowsUsed, report.Codebook.Perplexity));
    }

    [Fact]
    public void It_is_what_its_measures_give_alone_for_any_tokenizer()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        Tensor images = Toys.Images(10);
        using ImageDistance distance = ImageDistance.FromReward("absolute error", Reward.MeanAbsoluteError());
        var network = new FeatureFunction("toy", batch => batch.mean([2, 3]));

        TokenizerReport report = TokenizerReport.Measure(
            tokenizer, ImageStream.Of(images, 4), new TokenizerReportOptions { Distance = distance, Network = network, TextHeights = [5, 40], TextImages = 3 });

        using IDisposable gradients = no_grad();
        Tensor reconstructions = tokenizer.Decode(tokenizer.Encode(images)).clamp(-1, 1);
        Assert.Equal((images - reconstructions).square().mean().item<float>(), report.MeanSquaredError, 1e-5);
        Assert.Equal(PeakSignalToNoise.Between(images, reconstructions).mean().item<double>(), report.PeakSignalToNoise, 1e-4);
        Assert.Equal((images - reconstructions).abs().mean().item<float>(), report.Distance!.Value.Mean, 1e-5);
        Assert.Equal(FrechetDistance.Between(images.mean([2, 3]), reconstructions.mean([2, 3])), report.FrechetDistance!.Value, 1e-4);
        Assert.Equal(10 * tokenizer.Layout.TokenCount, report.Codebook.TokenCount);
        Assert.Null(report.StructuralSimilarity); // 12x8 pixels are less than its window
        Assert.NotNull(report.FineDetailError);
        Assert.Equal([5.0], report.Text.Select(reading => reading.Height)); // 40 pixels do not fit
        Assert.Equal(report.MeanSquaredError, report.Table["mean squared error"]);
        Assert.Equal(report.Distance.Value.Mean, report.Table["absolute error"]);
        Assert.Contains("letters of 5 px read back", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_images_that_do_not_fit_are_named()
    {
        using Tensor images = Images(2);
        var tokenizer = new Levels(16);
        Assert.Contains("TextImages", Assert.Throws<ArgumentException>(() => Measure(new() { TextImages = -1 })).Message, StringComparison.Ordinal);
        Assert.Contains("TextHeights", Assert.Throws<ArgumentException>(() => Measure(new() { TextHeights = [7, 0] })).Message, StringComparison.Ordinal);
        Assert.Contains("TextBatchSize", Assert.Throws<ArgumentException>(() => Measure(new() { TextBatchSize = 0 })).Message, StringComparison.Ordinal);
        using Tensor small = Toys.Images(1);
        Assert.Contains("64x64", Assert.Throws<ArgumentException>(() => TokenizerReport.Measure(tokenizer, ImageStream.Of(small))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TokenizerReport.Measure(tokenizer, []));
        TokenizerReport Measure(TokenizerReportOptions options) => TokenizerReport.Measure(tokenizer, ImageStream.Of(images), options);
    }

    private static Tensor Images(int count)
    {
        using var generator = new Generator(5);
        return rand([count, 3, 64, 64], generator: generator).mul_(2).sub_(1);
    }

    /// <summary>A token a value, of so many levels; pictures are made smaller by averaging first, and larger again at the end.</summary>
    private sealed class Levels(int levels, int shrink = 1) : ITokenizer
    {
        private const int Side = 64;

        public int CodebookSize => levels;

        public TokenLayout Layout => TokenLayout.Sequence(3 * (Side / shrink) * (Side / shrink));

        public ImageSize ImageSize => Side;

        public Tensor Encode(Tensor images)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor small = shrink > 1 ? F.avg_pool2d(images, (long)shrink) : images;
            return ((small + 1) / 2 * (levels - 1)).round().clamp(0, levels - 1).to(ScalarType.Int64).flatten(1).MoveToOuterDisposeScope();
        }

        public Tensor Decode(Tensor tokens)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor small = (tokens.to(ScalarType.Float32) / Math.Max(levels - 1, 1) * 2 - 1).view(-1, 3, Side / shrink, Side / shrink);
            Tensor images = shrink > 1 ? F.interpolate(small, size: [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false) : small.alias();
            return images.MoveToOuterDisposeScope();
        }
    }
}
