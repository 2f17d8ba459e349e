using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Pixel losses of samples against their image's original.</summary>
internal static class Reconstruction
{
    /// <summary>Mean square over channels and pixels.</summary>
    /// <param name="targets">(I, 3, H, W).</param>
    /// <param name="samples">(I * S, 3, H, W), image-major.</param>
    /// <returns>(I * S).</returns>
    public static Tensor MeanSquare(Tensor targets, Tensor samples) => Difference(targets, samples).square().mean([1]);

    /// <summary>Mean absolute difference over channels and pixels.</summary>
    /// <param name="targets">(I, 3, H, W).</param>
    /// <param name="samples">(I * S, 3, H, W), image-major.</param>
    /// <returns>(I * S).</returns>
    public static Tensor MeanAbsolute(Tensor targets, Tensor samples) => Difference(targets, samples).abs_().mean([1]);

    /// <summary>The square of the difference by place, mean over channels.</summary>
    /// <inheritdoc cref="MeanSquare"/>
    /// <returns>(I * S, H, W).</returns>
    public static Tensor SquareMap(Tensor targets, Tensor samples) => ByPlace(Difference(targets, samples).square(), samples);

    /// <summary>The absolute difference by place, mean over channels.</summary>
    /// <inheritdoc cref="MeanSquare"/>
    /// <returns>(I * S, H, W).</returns>
    public static Tensor AbsoluteMap(Tensor targets, Tensor samples) => ByPlace(Difference(targets, samples).abs_(), samples);

    private static Tensor ByPlace(Tensor differences, Tensor samples) => differences.view(samples.shape).mean([1]);

    // (I, S, 3 H W) against (I, 1, 3 H W): the target is read in place, not copied for each sample.
    private static Tensor Difference(Tensor targets, Tensor samples)
    {
        long images = targets.shape[0];
        Tensor grouped = samples.reshape(images, samples.shape[0] / images, -1);
        return (grouped - targets.reshape(images, 1, -1)).flatten(0, 1);
    }
}
