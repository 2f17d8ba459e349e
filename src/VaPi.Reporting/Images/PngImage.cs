using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Reporting;

/// <summary>A picture as a PNG file's bytes.</summary>
public sealed class PngImage
{
    private PngImage(byte[] content, int width, int height) => (Content, Width, Height) = (content, width, height);

    /// <summary>The bytes of the file.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Columns of pixels.</summary>
    public int Width { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Encodes one image, without loss but for rounding to bytes.</summary>
    /// <param name="image">(3, H, W), floating-point RGB in [-1, 1], on any device; values beyond are clamped. Stays the caller's.</param>
    /// <exception cref="ArgumentException">It has another shape or type, or a value that is not finite.</exception>
    public static PngImage Of(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.dim() != 3 || image.shape[0] != 3 || image.shape[1] < 1 || image.shape[2] < 1 || !image.is_floating_point())
            throw new ArgumentException($"The image is {image.dtype} ({string.Join(", ", image.shape)}); it must be floating-point (3, H, W).", nameof(image));

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = image.to(ScalarType.Float32).cpu();
        if (!wide.isfinite().all().item<bool>())
            throw new ArgumentException("The image has values that are NaN or infinite.", nameof(image));
        Tensor bytes = ((wide.clamp(-1, 1) + 1) * 127.5).round().to(ScalarType.Byte); // (3, H, W)
        Tensor opaque = full([1, image.shape[1], image.shape[2]], 255, ScalarType.Byte, CPU);
        byte[] pixels = cat([bytes, opaque]).permute(1, 2, 0).contiguous().data<byte>().ToArray(); // (H, W, 4)
        return Encoded(pixels, (int)image.shape[2], (int)image.shape[1]);
    }

    /// <summary>Encodes each image of a batch.</summary>
    /// <param name="images">(N, 3, H, W), floating-point RGB in [-1, 1], on any device. Stays the caller's.</param>
    /// <exception cref="ArgumentException">It has another shape or type, or a value that is not finite.</exception>
    public static IReadOnlyList<PngImage> OfBatch(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4)
            throw new ArgumentException($"The images are ({string.Join(", ", images.shape)}); they must be (N, 3, H, W).", nameof(images));
        using DisposeScope scope = NewDisposeScope();
        return [.. images.unbind().Select(Of)];
    }

    private static PngImage Encoded(byte[] pixels, int width, int height)
    {
        var format = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKImage image = SKImage.FromPixelCopy(format, pixels);
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return new PngImage(png.ToArray(), width, height);
    }
}
