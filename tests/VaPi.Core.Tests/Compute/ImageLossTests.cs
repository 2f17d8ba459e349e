using TorchSharp;
using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

/// <summary>Losses that share an image's target among its samples, against those that repeat it for each.</summary>
public class ImageLossTests
{
    private const int Images = 3;
    private const int PerImage = 4;

    [Fact]
    public void Mean_square_and_mean_absolute_compare_each_sample_with_its_own_image()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor samples) = Random(5);
        Tensor difference = samples - targets.repeat_interleave(PerImage, 0);

        Expect.Close(difference.square().mean([1, 2, 3]), Reconstruction.MeanSquare(targets, samples), 1e-13);
        Expect.Close(difference.abs().mean([1, 2, 3]), Reconstruction.MeanAbsolute(targets, samples), 1e-13);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Perceptual_distance_is_the_weighted_square_of_normalised_features(bool weighted)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor samples)[] layers = [Random(6), Random(2)];
        List<Tensor>? weights = weighted ? [rand([3], ScalarType.Float64), rand([3], ScalarType.Float64)] : null;
        Tensor expected = zeros([Images * PerImage], ScalarType.Float64);
        for (int layer = 0; layer < layers.Length; layer++)
        {
            Tensor Length(Tensor features) => features.norm(1, keepdim: true) + 1e-10;
            Tensor target = layers[layer].targets.repeat_interleave(PerImage, 0);
            Tensor difference = layers[layer].samples / Length(layers[layer].samples) - target / Length(target);
            Tensor ofChannels = weights is null ? ones([3], ScalarType.Float64) : weights[layer];
            expected = expected + (difference.square() * ofChannels.view(1, 3, 1, 1)).sum([1]).mean([1, 2]);
        }

        Tensor distance = Perceptual.Distance(
            [.. layers.Select(layer => Perceptual.Normalise(layer.targets))], [.. layers.Select(layer => Perceptual.Normalise(layer.samples))], weights);

        Expect.Close(expected, distance, 1e-12);
    }

    [Fact]
    public void Normalising_leaves_zero_features_at_zero()
    {
        using DisposeScope scope = NewDisposeScope();

        Expect.Identical(zeros(1, 3, 2, 2), Perceptual.Normalise(zeros(1, 3, 2, 2)));
    }

    private static (Tensor Targets, Tensor Samples) Random(int side)
    {
        using var generator = new Generator((ulong)side, CPU);
        return (
            randn([Images, 3, side, side + 1], dtype: ScalarType.Float64, generator: generator),
            randn([Images * PerImage, 3, side, side + 1], dtype: ScalarType.Float64, generator: generator));
    }
}
