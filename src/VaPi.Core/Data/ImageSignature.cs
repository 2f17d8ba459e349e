using SkiaSharp;

namespace VaPi.Data;

/// <summary>
/// Tells image formats apart by a file's first bytes, before a decoder sees it: the decoder has parsers for more formats than are
/// read here, and what is never read need not be trusted.
/// </summary>
internal static class ImageSignature
{
    private static readonly (string Name, byte[] Start)[] Others =
    [
        ("Gif", [.. "GIF8"u8]), ("Bmp", [.. "BM"u8]), ("Tiff", [.. "II*\0"u8]), ("Tiff", [.. "MM\0*"u8]), ("Ico", [0, 0, 1, 0]), ("Psd", [.. "8BPS"u8]),
    ];

    /// <summary>The format, if it is one of those that are read.</summary>
    public static SKEncodedImageFormat? Of(ReadOnlySpan<byte> file) =>
        file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? SKEncodedImageFormat.Png
        : file.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? SKEncodedImageFormat.Jpeg
        : file.Length >= 14 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBPVP"u8) ? SKEncodedImageFormat.Webp
        : null;

    /// <summary>The name of another format that is often met, for messages; null if it is none.</summary>
    public static string? OtherName(ReadOnlySpan<byte> file)
    {
        if (file.Length >= 12 && file[4..].StartsWith("ftyp"u8))
            return "Avif or Heif";
        foreach ((string name, byte[] start) in Others)
        {
            if (file.StartsWith(start))
                return name;
        }

        return null;
    }
}
