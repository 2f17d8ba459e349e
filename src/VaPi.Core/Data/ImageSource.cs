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

    /// <summary>The same images, whose batches carry tokens that were extracted before, so that a trainer need not encode them.</summary>
    /// <remarks>The run is the same to the last bit as without, as far as the tokenizer's arithmetic is.</remarks>
    /// <param name="images">The images, which must look the same at every draw. Stays the caller's, and is used by the result.</param>
    /// <param name="codes">Their tokens. Stays the caller's, to be disposed after the result's last use.</param>
    /// <exception cref="ArgumentException">The images vary from draw to draw, or the tokens are of other images.</exception>
    public static IImageSource WithCodes(this IImageSource images, TokenCodes codes)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(codes);
        codes.ThrowIfNotOf(images);
        return new CodedImages(images, codes);
    }
}
