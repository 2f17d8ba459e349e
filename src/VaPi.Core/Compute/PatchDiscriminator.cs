using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Compute;

/// <summary>PatchGAN's discriminator, which judges every patch of an image, in evaluation mode.</summary>
internal static class PatchDiscriminator
{
    /// <summary>The side of a convolution's kernel.</summary>
    public const int Kernel = 4;

    /// <summary>The least height and width: three layers halve a side, two take one pixel each, and one must be left.</summary>
    public const int SmallestSide = 24;

    /// <summary>The convolutions, first to last. One that a batch norm follows has no bias of its own.</summary>
    public static readonly IReadOnlyList<Layer> Layers =
        [new(0, null, 3, 64, 2), new(2, 3, 64, 128, 2), new(5, 6, 128, 256, 2), new(8, 9, 256, 512, 1), new(11, null, 512, 1, 1)];

    private const double NegativeSlope = 0.2;
    private const double NormEpsilon = 1e-5;

    /// <summary>Logits of the patches: above 0 where the discriminator takes a patch for real.</summary>
    /// <param name="images">(N, 3, H, W) in [-1, 1]; H and W at least <see cref="SmallestSide"/>.</param>
    /// <param name="convolutions">Weight (to, from, 4, 4) and bias (to) of each of <see cref="Layers"/>, with its norm folded in.</param>
    /// <returns>(N, 1, H / 8 - 2, W / 8 - 2), rounded down.</returns>
    public static Tensor Logits(Tensor images, IReadOnlyList<(Tensor Weight, Tensor Bias)> convolutions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = images;
        for (int index = 0; index < Layers.Count; index++)
        {
            if (index > 0)
                hidden = F.leaky_relu(hidden, NegativeSlope, inplace: true);
            (Tensor weight, Tensor bias) = convolutions[index];
            hidden = F.conv2d(hidden, weight, bias, strides: [Layers[index].Stride, Layers[index].Stride], padding: [1, 1]);
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>A convolution that also does what the batch norm after it would do with its running statistics.</summary>
    /// <param name="weight">(to, from, 4, 4), without bias.</param>
    /// <param name="scale">(to): the norm's weight.</param>
    /// <param name="shift">(to): the norm's bias.</param>
    /// <param name="mean">(to).</param>
    /// <param name="variance">(to).</param>
    /// <returns>(to, from, 4, 4) and (to), float32.</returns>
    public static (Tensor Weight, Tensor Bias) Folded(Tensor weight, Tensor scale, Tensor shift, Tensor mean, Tensor variance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor factor = scale.to(ScalarType.Float64) / (variance.to(ScalarType.Float64) + NormEpsilon).sqrt(); // (to)
        return (
            (weight * factor.view(-1, 1, 1, 1)).to(ScalarType.Float32).MoveToOuterDisposeScope(),
            (shift - mean * factor).to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>One convolution, by the published names' numbers.</summary>
    /// <param name="Convolution">The number of the convolution.</param>
    /// <param name="Norm">The number of the batch norm after it, or null.</param>
    /// <param name="From">Channels in.</param>
    /// <param name="To">Channels out.</param>
    /// <param name="Stride">The stride.</param>
    public sealed record Layer(int Convolution, int? Norm, int From, int To, int Stride);
}
