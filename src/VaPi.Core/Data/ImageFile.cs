using System.Runtime.InteropServices;
using SkiaSharp;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>
/// Single image files in and out. JPEG, PNG and WebP are read by their content, whatever the file is called.
/// </summary>
/// <remarks>
/// <para>
/// Images are read as a viewer shows them: grey and palette images as RGB, 16 bits a channel reduced to 8, inks (CMYK and
/// YCCK JPEGs, which are taken as inverted, as Adobe writes them and browsers read them) turned to RGB, transparency blended
/// with white, the EXIF orientation of JPEG and WebP applied, and of an animation the first frame. There is no colour management, as in the
/// published pipeline. <see cref="ImageDecodingOptions"/> has what differs from that pipeline, and the limits.
/// </para>
/// <para>
/// Files are not trusted. Whatever is in one, it is read, or an <see cref="ImageDataException"/> names it and says what is
/// wrong: another kind of file under an image's name, a cut or damaged one, an empty one, a pipe or a device, a link in a
/// circle, one without permission to read. The size that a header claims is compared with the limit before memory is
/// reserved for it.
/// </para>
/// </remarks>
public static class ImageFile
{
    /// <summary>Reads an image at its own size.</summary>
    /// <param name="path">A JPEG, PNG or WebP file.</param>
    /// <param name="options">Orientation and limits; null for the defaults.</param>
    /// <returns>(3, H, W), float32, RGB in [-1, 1], on the CPU. Belongs to the caller.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ImageDataException">The file cannot be decoded, or is over a limit.</exception>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static Tensor Load(string path, ImageDecodingOptions? options = null)
    {
        using PixelBuffer image = Decode(path, options);
        return PixelTensors.ToTensor(image);
    }

    /// <summary>
    /// Reads an image and takes its centre in the given size, with the crop that tokenizers such as LlamaGen's were
    /// trained on; see <see cref="ImageCrop.Center"/>.
    /// </summary>
    /// <param name="path">A JPEG, PNG or WebP file.</param>
    /// <param name="size">The size to bring it to; a number stands for a square.</param>
    /// <param name="options">Orientation and limits; null for the defaults.</param>
    /// <returns>(3, H, W), float32, RGB in [-1, 1], on the CPU. Belongs to the caller.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ImageDataException">The file cannot be decoded, or is over a limit.</exception>
    /// <exception cref="ArgumentException">The size or an option is outside its range.</exception>
    public static Tensor LoadCenterCrop(string path, ImageSize size, ImageDecodingOptions? options = null)
    {
        ImageSizes.ThrowIfInvalid(size, nameof(size));
        using PixelBuffer image = Decode(path, options);
        using PixelBuffer crop = Cropping.Center(image, size);
        return PixelTensors.ToTensor(crop);
    }

    /// <summary>
    /// Writes an image in the format that the extension names. A file of that name is replaced in one step, so that a
    /// reader sees the old image or the new one, never half of it.
    /// </summary>
    /// <param name="image">
    /// (3, H, W) or (1, 3, H, W), floating-point, RGB in [-1, 1]; values outside are clamped, then rounded to 256 levels.
    /// On any device. Stays the caller's.
    /// </param>
    /// <param name="path">Ends in .png (lossless), .jpg, .jpeg or .webp; its folder must exist.</param>
    /// <param name="quality">For JPEG and WebP, from 1 to 100; 100 makes WebP lossless.</param>
    /// <exception cref="ArgumentException">The shape, the type, a value (NaN), the extension or the quality is not as described.</exception>
    /// <exception cref="IOException">The file cannot be written, or the format cannot hold an image of this size.</exception>
    public static void Save(Tensor image, string path, int quality = 95)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (quality is < 1 or > 100)
            throw new ArgumentOutOfRangeException(nameof(quality), quality, "The quality must be from 1 to 100.");
        bool single = image.dim() == 4 && image.shape[0] == 1;
        if (!(image.dim() == 3 || single) || image.shape[^3] != 3 || image.shape[^2] < 1 || image.shape[^1] < 1)
            throw new ArgumentException($"An image must be (3, H, W) or (1, 3, H, W), not ({string.Join(", ", image.shape)}).", nameof(image));
        if (!image.is_floating_point())
            throw new ArgumentException($"An image must be floating-point in [-1, 1], not {image.dtype}.", nameof(image));
        string extension = Path.GetExtension(path);
        if (!ImageDecoder.HasImageExtension(path))
            throw new ArgumentException($"'{path}' ends in '{extension}'; images are written as {ImageDecoder.ExtensionList}.", nameof(path));

        using PixelBuffer pixels = ToPixels(image);
        using SKData? encoded = Encode(pixels, extension, quality);
        if (encoded is null)
            throw new ImageDataException($"An image of {pixels.Height}x{pixels.Width} cannot be written as '{extension}' to '{path}'; try .png.", path);
        Replace(path, encoded);
    }

    private static PixelBuffer Decode(string path, ImageDecodingOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageDecodingOptions();
        options.ThrowIfInvalid(nameof(options));
        return ImageDecoder.Decode(Path.GetFullPath(path), options);
    }

    private static PixelBuffer ToPixels(Tensor image)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return PixelTensors.FromTensor(image.detach().reshape(3, image.shape[^2], image.shape[^1]).to(ScalarType.Float32).cpu().contiguous());
    }

    private static SKData? Encode(PixelBuffer pixels, string extension, int quality)
    {
        var info = new SKImageInfo(pixels.Width, pixels.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pinned = GCHandle.Alloc(pixels.Buffer, GCHandleType.Pinned);
        try
        {
            using var pixmap = new SKPixmap(info, pinned.AddrOfPinnedObject(), info.RowBytes);
            return extension.ToUpperInvariant() switch
            {
                ".PNG" => pixmap.Encode(SKPngEncoderOptions.Default),
                ".WEBP" => pixmap.Encode(new SKWebpEncoderOptions(
                    quality == 100 ? SKWebpEncoderCompression.Lossless : SKWebpEncoderCompression.Lossy, quality)),
                _ => pixmap.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore)),
            };
        }
        finally
        {
            pinned.Free();
        }
    }

    private static void Replace(string path, SKData encoded)
    {
        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist; create it before saving '{Path.GetFileName(target)}' there.");

        // In the same folder, because a rename is one step only within a file system.
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                encoded.SaveTo(stream);
            File.Move(temporary, target, overwrite: true);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ImageDataException($"The image '{target}' cannot be written: {exception.Message}", target, exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
