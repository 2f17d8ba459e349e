using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace VaPi.Data;

/// <summary>Image files, and parts of files, to pixels. Every failure is an <see cref="IOException"/> that names the file.</summary>
internal static class ImageDecoder
{
    private static readonly HashSet<string> KnownExtensions = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".webp" };

    /// <summary>For messages.</summary>
    public const string ExtensionList = ".jpg, .jpeg, .png, .webp";

    public static bool HasImageExtension(string path) => KnownExtensions.Contains(Path.GetExtension(path));

    /// <summary>
    /// The pixels of an image file, 8 bits a channel, as the file holds them: no colour management, an animation's first
    /// frame.
    /// </summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ImageDataException">The file cannot be read or decoded, or is over a limit.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PixelBuffer Decode(string path, ImageDecodingOptions options) =>
        Decode(path, () => new FileSection(path, path, 0, RegularFile.LengthOf(path, "image")), options);

    /// <summary>The pixels of an image that is a part of a file, as of a file of its own.</summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ImageDataException">It cannot be read or decoded, or is over a limit.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PixelBuffer Decode(FileSection section, ImageDecodingOptions options) => Decode(section.Name, () => section, options);

    private static PixelBuffer Decode(string path, Func<FileSection> section, ImageDecodingOptions options)
    {
        try
        {
            using SKData data = ReadData(section(), options.MaximumFileBytes);
            using SKCodec codec = Open(path, data);
            CheckSize(path, codec, options.MaximumPixels);

            PixelBuffer pixels = DecodePixels(path, codec);
            if (options.BlendAlpha && !codec.Info.IsOpaque)
                BlendWithWhite(pixels);
            if (!options.ApplyOrientation || codec.EncodedOrigin == SKEncodedOrigin.TopLeft)
                return pixels;
            using (pixels)
                return Upright(pixels, codec.EncodedOrigin);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException || exception.GetType() == typeof(IOException))
        {
            throw new ImageDataException($"The image '{path}' cannot be read: {exception.Message}", path, exception);
        }
    }

    private static SKData ReadData(FileSection section, long maximumBytes)
    {
        if (section.Length > maximumBytes)
        {
            throw new ImageDataException(
                $"The image '{section.Name}' has {section.Length} bytes; at most {maximumBytes} are allowed. Raise {nameof(ImageDecodingOptions.MaximumFileBytes)} if it is to be trusted.", section.Name);
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)section.Length);
        try
        {
            Span<byte> file = bytes.AsSpan(0, section.ReadInto(bytes));
            SKEncodedImageFormat format = ImageSignature.Of(file) ?? throw NoImage(section.Name, file);
            return SKData.CreateCopy(format == SKEncodedImageFormat.Png ? file[..PngChunks.KeepNeeded(file)] : file);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static ImageDataException NoImage(string path, ReadOnlySpan<byte> file) => new(
        ImageSignature.OtherName(file) is { } other
            ? $"The image '{path}' holds {other} data; JPEG, PNG and WebP are read. Convert it."
            : $"The image '{path}' cannot be decoded: its content does not start as a JPEG, PNG or WebP image does. Check what it is, or copy or download it again.",
        path);

    private static SKCodec Open(string path, SKData data) => SKCodec.Create(data) ?? throw new ImageDataException(
        $"The image '{path}' cannot be decoded: its header is damaged or cut off; copy or download it again.", path);

    private static void CheckSize(string path, SKCodec codec, long maximumPixels)
    {
        SKImageInfo info = codec.Info;
        if ((long)info.Width * info.Height > maximumPixels)
        {
            throw new ImageDataException(
                $"The image '{path}' has {info.Height}x{info.Width} pixels; at most {maximumPixels} are allowed. Raise {nameof(ImageDecodingOptions.MaximumPixels)} if it is to be trusted.", path);
        }
    }

    private static PixelBuffer DecodePixels(string path, SKCodec codec)
    {
        SKImageInfo stored = codec.Info;

        // No colour space asked for means no colour management; unpremultiplied means that alpha leaves colours alone.
        var wanted = new SKImageInfo(
            stored.Width, stored.Height, SKColorType.Rgba8888, stored.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, colorspace: null);
        var pixels = new PixelBuffer(stored.Width, stored.Height);
        SKCodecResult result;
        var pinned = GCHandle.Alloc(pixels.Buffer, GCHandleType.Pinned);
        try
        {
            result = codec.GetPixels(wanted, pinned.AddrOfPinnedObject(), wanted.RowBytes, SKCodecOptions.Default);
        }
        finally
        {
            pinned.Free();
        }

        if (result == SKCodecResult.Success)
            return pixels;

        pixels.Dispose();
        string why = result switch
        {
            SKCodecResult.IncompleteInput => "it is cut off; copy or download it again",
            SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "its data is damaged; copy or download it again",
            SKCodecResult.InvalidConversion => "its colour format cannot be turned into RGB; save it as RGB",
            _ => $"the decoder reports {result}",
        };
        throw new ImageDataException($"The image '{path}' cannot be decoded: {why}.", path);
    }

    private static void BlendWithWhite(PixelBuffer pixels)
    {
        Span<byte> bytes = pixels.Bytes;
        for (int i = 0; i < bytes.Length; i += PixelBuffer.BytesPerPixel)
        {
            int alpha = bytes[i + 3];
            for (int channel = i; channel < i + 3; channel++)
                bytes[channel] = (byte)(((bytes[channel] * alpha) + (255 * (255 - alpha)) + 127) / 255);
        }
    }

    /// <summary>The image turned and mirrored so that its stored origin comes to the top left.</summary>
    private static PixelBuffer Upright(PixelBuffer stored, SKEncodedOrigin origin)
    {
        int w = stored.Width, h = stored.Height;

        // Where the result's first pixel is stored, and how far to go there for a step right and for a step down.
        (int first, int right, int down) = origin switch
        {
            SKEncodedOrigin.TopRight => (w - 1, -1, w),
            SKEncodedOrigin.BottomRight => ((h * w) - 1, -1, -w),
            SKEncodedOrigin.BottomLeft => ((h - 1) * w, 1, -w),
            SKEncodedOrigin.LeftTop => (0, w, 1),
            SKEncodedOrigin.RightTop => ((h - 1) * w, -w, 1),
            SKEncodedOrigin.RightBottom => ((h * w) - 1, -w, -1),
            SKEncodedOrigin.LeftBottom => (w - 1, w, -1),
            _ => (0, 1, w),
        };
        bool swapped = origin >= SKEncodedOrigin.LeftTop;
        PixelBuffer upright = swapped ? new PixelBuffer(h, w) : new PixelBuffer(w, h);
        ReadOnlySpan<uint> from = MemoryMarshal.Cast<byte, uint>(stored.Bytes);
        for (int y = 0; y < upright.Height; y++)
        {
            Span<uint> to = MemoryMarshal.Cast<byte, uint>(upright.Row(y));
            int at = first + (y * down);
            for (int x = 0; x < to.Length; x++, at += right)
                to[x] = from[at];
        }

        return upright;
    }
}
