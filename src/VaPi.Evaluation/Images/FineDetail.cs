using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// What becomes of fine detail: of what is left of an image once its average under a Gaussian of deviation 1 is taken away.
/// Gathers batch by batch, in float64.
/// </summary>
public sealed class FineDetail
{
    private static readonly GaussianFilter Window = new(1, 3);

    private double _detail;
    private double _difference;
    private double _kept;

    /// <summary>The least side of an image in pixels.</summary>
    public static int SmallestSide => Window.Side;

    /// <summary>
    /// The squares of the difference of details over the squares of the originals' details: 0 where detail is the same, 1 where
    /// it is wiped out, more where other detail has taken its place. NaN without images, or of images without any detail.
    /// </summary>
    public double Error => _difference / _detail;

    /// <summary>The squares of the reconstructions' details over those of the originals': below 1 blurred, above 1 sharpened or noisy.</summary>
    public double Energy => _kept / _detail;

    /// <summary>Adds images.</summary>
    /// <param name="images">(N, C, H, W), H and W at least <see cref="SmallestSide"/>. Stays the caller's.</param>
    /// <param name="reconstructions">(N, C, H, W), on the same device. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The shapes differ, or images are too small.</exception>
    public void Add(Tensor images, Tensor reconstructions)
    {
        ImagePairs.ThrowIfUnfit(images, reconstructions, 0, 1);
        if (images.shape[2] < SmallestSide || images.shape[3] < SmallestSide)
            throw new ArgumentException($"Images must have at least {SmallestSide}x{SmallestSide} pixels for fine detail; they have {images.shape[2]}x{images.shape[3]}.", nameof(images));
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor original, Tensor reconstruction) = (Detail(images), Detail(reconstructions)); // (N, C, H - 6, W - 6)
        _detail += original.square().sum().item<double>();
        _kept += reconstruction.square().sum().item<double>();
        _difference += (original - reconstruction).square().sum().item<double>();
    }

    private static Tensor Detail(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = images.detach().to(ScalarType.Float64);
        return (Window.Inner(wide) - Window.Apply(wide)).MoveToOuterDisposeScope();
    }
}
