using TorchSharp;
using VaPi.Evaluation;
using VaPi.Rewards;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public class ImageMeasureTests
{
    [Fact]
    public void Psnr_of_a_known_error()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Random([2, 3, 4, 5], 1);
        Tensor others = images + tensor(new[] { 0.2f, 0.02f }).view(2, 1, 1, 1);

        Tensor ratios = PeakSignalToNoise.Between(images, others);

        // The range is 2: 20 log10(2 / 0.2) and 20 log10(2 / 0.02).
        Assert.Equal(20, ratios[0].item<double>(), 1e-4);
        Assert.Equal(40, ratios[1].item<double>(), 1e-4);
        Assert.Equal(double.PositiveInfinity, PeakSignalToNoise.Between(images, images)[0].item<double>());
    }

    [Fact]
    public void Ssim_is_one_for_the_same_image_and_does_not_depend_on_how_values_are_scaled()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor images, Tensor others) = (Random([2, 3, 14, 20], 1), Random([2, 3, 14, 20], 2));
        Assert.Equal(1, StructuralSimilarity.Between(images, images).min().item<double>(), 1e-12);
        Tensor scaled = StructuralSimilarity.Between((images + 1) * 127.5, (others + 1) * 127.5, 0, 255);
        Tensor plain = StructuralSimilarity.Between(images, others);
        Assert.True((scaled - plain).abs().max().item<double>() < 1e-5);
        Assert.InRange(plain[0].item<double>(), -0.3, 0.3);
    }

    [Fact]
    public void Ssim_of_flat_images_is_the_likeness_of_their_brightness()
    {
        using DisposeScope scope = NewDisposeScope();
        (double dark, double light, double constant) = (0.25, 0.75, 0.0001);
        double similarity = StructuralSimilarity.Between(full([1, 1, 11, 11], dark), full([1, 1, 11, 11], light), 0, 1).item<double>();
        Assert.Equal((2 * dark * light + constant) / (dark * dark + light * light + constant), similarity, 1e-7);
    }

    [Fact]
    public void Ssim_and_psnr_name_what_does_not_fit()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Contains("11x11", Assert.Throws<ArgumentException>(() => StructuralSimilarity.Between(zeros(1, 3, 10, 30), zeros(1, 3, 10, 30))).Message, StringComparison.Ordinal);
        Assert.Contains("(1, 3, 4, 5)", Assert.Throws<ArgumentException>(() => PeakSignalToNoise.Between(zeros(1, 3, 4, 4), zeros(1, 3, 4, 5))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PeakSignalToNoise.Between(zeros(1, 3, 4, 4), zeros(1, 3, 4, 4), 1, 1));
    }

    [Fact]
    public void Fine_detail_that_is_wiped_out_halved_or_kept()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Random([3, 3, 16, 12], 1);
        var (kept, wiped, halved) = (new FineDetail(), new FineDetail(), new FineDetail());
        kept.Add(images, images + 0.1); // brightness is no detail
        wiped.Add(images, zeros_like(images));
        halved.Add(images, images / 2);
        Assert.Equal((0, 1), (Math.Round(kept.Error, 6), Math.Round(kept.Energy, 6)));
        Assert.Equal((1, 0), (wiped.Error, wiped.Energy));
        Assert.Equal((0.25, 0.25), (Math.Round(halved.Error, 6), Math.Round(halved.Energy, 6)));
    }

    [Fact]
    public void A_smooth_image_has_hardly_any_fine_detail_to_lose()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ramp = linspace(-1, 1, 32).view(1, 1, 1, 32).expand(1, 3, 32, 32);
        Tensor noise = Random([1, 3, 32, 32], 1) * 0.1;
        var detail = new FineDetail();
        detail.Add(ramp + noise, ramp);
        Assert.Equal(1, detail.Error, 1e-6); // what is lost is the noise, all of the detail there was
        Assert.InRange(detail.Energy, 0, 1e-9);
    }

    [Fact]
    public void A_distance_is_minus_the_reward_it_is_made_of()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor images, Tensor others) = (Random([3, 3, 4, 4], 1), Random([3, 3, 4, 4], 2));
        using ImageDistance distance = ImageDistance.FromReward("error", Reward.MeanSquaredError());
        Tensor expected = (images - others).square().mean([1, 2, 3]);
        Assert.True((distance.Between(images, others) - expected).abs().max().item<float>() < 1e-6);
    }

    [Fact]
    public void Codebook_usage_and_perplexity_of_known_counts()
    {
        using DisposeScope scope = NewDisposeScope();
        var usage = new CodebookUsage(8);
        Assert.True(double.IsNaN(usage.Perplexity));
        usage.Add(tensor(new long[] { 0, 1, 2, 3 }, [2, 2]));
        Assert.Equal(4, usage.Perplexity, 1e-12);
        usage.Add(tensor(new long[] { 0, 0, 0, 0 }, [1, 4]));
        Assert.Equal([5L, 1, 1, 1, 0, 0, 0, 0], usage.Uses);
        Assert.Equal((8L, 4, 0.5), (usage.TokenCount, usage.RowsUsed, usage.Share));
        Assert.Equal(Math.Exp(-(5 / 8.0 * Math.Log(5 / 8.0) + 3 / 8.0 * Math.Log(1 / 8.0))), usage.Perplexity, 1e-12);
        Assert.Throws<ArgumentException>(() => usage.Add(tensor(new long[] { 8 })));
        Assert.Throws<ArgumentException>(() => usage.Add(zeros(1)));
    }

    private static Tensor Random(long[] shape, ulong seed)
    {
        using var generator = new Generator(seed);
        return rand(shape, generator: generator).mul_(2).sub_(1);
    }
}
