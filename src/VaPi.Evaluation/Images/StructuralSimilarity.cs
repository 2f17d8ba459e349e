using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// The structural similarity of images (SSIM), in float64: an 11x11 Gaussian window of deviation 1.5 that lies fully inside the
/// image, population covariances, K1 0.01 and K2 0.03, averaged over pixels and channels.
/// </summary>
public static class StructuralSimilarity
{
    private const double MeanConstant = 0.01 * 0.01;
    private const double VarianceConstant = 0.03 * 0.03;

    private static readonly GaussianFilter Window = new(1.5, 5);

    /// <summary>The least side of an image in pixels: that of the window.</summary>
    public static int SmallestSide => Window.Side;

    /// <summary>The similarity of each pair of images.</summary>
    /// <param name="images">(N, C, H, W), H and W at least <see cref="SmallestSide"/>, on any device. Stays the caller's.</param>
    /// <param name="others">(N, C, H, W), on the same device. Stays the caller's.</param>
    /// <param name="lowest">What black is.</param>
    /// <param name="highest">What white is.</param>
    /// <returns>(N), float64: 1 for images that are the same, lower otherwise. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The shapes differ, images are too small, or the range is empty.</exception>
    public static Tensor Between(Tensor images, Tensor others, double lowest = -1, double highest = 1)
    {
        ImagePairs.ThrowIfUnfit(images, others, lowest, highest);
        if (images.shape[2] < SmallestSide || images.shape[3] < SmallestSide)
            throw new ArgumentException($"Images must have at least {SmallestSide}x{SmallestSide} pixels for SSIM; they have {images.shape[2]}x{images.shape[3]}.", nameof(images));
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, Tensor y) = (ImagePairs.Normalised(images, lowest, highest), ImagePairs.Normalised(others, lowest, highest)); // (N, C, H, W)
        (Tensor meanX, Tensor meanY) = (Window.Apply(x), Window.Apply(y)); // (N, C, H - 10, W - 10)
        (Tensor squareX, Tensor squareY, Tensor product) = (meanX.square(), meanY.square(), meanX * meanY);
        Tensor varianceX = Window.Apply(x.square()) - squareX;
        Tensor varianceY = Window.Apply(y.square()) - squareY;
        Tensor covariance = Window.Apply(x * y) - product;
        Tensor likeness = (2 * product + MeanConstant) * (2 * covariance + VarianceConstant);
        Tensor scale = (squareX + squareY + MeanConstant) * (varianceX + varianceY + VarianceConstant);
        return (likeness / scale).mean([1, 2, 3]).MoveToOuterDisposeScope();
    }
}
