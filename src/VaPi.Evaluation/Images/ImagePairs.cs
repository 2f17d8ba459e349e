using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>What measures that compare images one by one ask of them.</summary>
internal static class ImagePairs
{
    /// <exception cref="ArgumentException">The shapes differ or are not (N, C, H, W), or the range is empty.</exception>
    public static void ThrowIfUnfit(Tensor images, Tensor others, double lowest, double highest)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(others);
        if (images.dim() != 4 || !images.shape.SequenceEqual(others.shape) || images.shape.Any(side => side < 1))
        {
            throw new ArgumentException(
                $"Images must be two of the same (N, C, H, W); they are ({string.Join(", ", images.shape)}) and ({string.Join(", ", others.shape)}).");
        }

        if (!(lowest < highest && double.IsFinite(highest - lowest)))
            throw new ArgumentException($"The range of values must be from a lower to a higher number; it is from {lowest} to {highest}.");
    }

    /// <summary>Values from 0 to 1 in float64.</summary>
    public static Tensor Normalised(Tensor images, double lowest, double highest) => images.detach().to(ScalarType.Float64, copy: true).sub_(lowest).div_(highest - lowest);
}
