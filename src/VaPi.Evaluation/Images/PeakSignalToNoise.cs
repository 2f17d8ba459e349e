using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>The peak signal-to-noise ratio (PSNR): 10 log10(range² / mean squared error), in dB, in float64.</summary>
public static class PeakSignalToNoise
{
    /// <summary>The ratio of each pair of images.</summary>
    /// <param name="images">(N, C, H, W), on any device. Stays the caller's.</param>
    /// <param name="others">(N, C, H, W), on the same device. Stays the caller's.</param>
    /// <param name="lowest">What black is.</param>
    /// <param name="highest">What white is.</param>
    /// <returns>(N), float64, in dB, higher is better; infinite for images that are the same. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The shapes differ, or the range is empty.</exception>
    public static Tensor Between(Tensor images, Tensor others, double lowest = -1, double highest = 1)
    {
        ImagePairs.ThrowIfUnfit(images, others, lowest, highest);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor errors = (images.detach().to(ScalarType.Float64) - others.detach().to(ScalarType.Float64)).div_(highest - lowest).square().mean([1, 2, 3]); // (N)
        return errors.log10_().mul_(-10).MoveToOuterDisposeScope();
    }
}
