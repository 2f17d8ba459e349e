using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>Makes image sources of what is at hand.</summary>
public static class ImageSource
{
    /// <summary>A source of images in memory.</summary>
    /// <param name="images">
    /// (N, 3, H, W), floating-point, RGB in [-1, 1], on any device, N ≥ 1. It is copied and stays the caller's.
    /// </param>
    /// <param name="condition">The condition of each of the N images. It is copied and stays the caller's.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The shape, the type, a value or the count is not as described.</exception>
    public static TensorImageSource FromTensors(Tensor images, Condition condition) => new(images, condition);
}
