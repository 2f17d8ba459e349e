using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SkiaSharp;

namespace VaPi.Tests.Data;

/// <summary>Encoded images, made byte by byte where an encoder would not make them.</summary>
internal static class TestImages
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(value => CrcOf((uint)value))];

    public delegate (byte R, byte G, byte B) Pixel(int y, int x);

    /// <summary>A picture whose pixels are all different enough to tell a shift, a turn or a mirror.</summary>
    public static (byte R, byte G, byte B) Pattern(int y, int x) => ((byte)(y * 5), (byte)(x * 3), (byte)((y * 31) ^ (x * 17)));

    public static Pixel Plain(byte level) => (_, _) => (level, level, level);

    public static byte[] Png(int height, int width, Pixel pixel)
    {
        var rows = new MemoryStream();
        for (int y = 0; y < height; y++)
        {
            rows.WriteByte(0);
            for (int x = 0; x < width; x++)
            {
                (byte r, byte g, byte b) = pixel(y, x);
                rows.Write([r, g, b]);
            }
        }

        return Png(height, width, bits: 8, colourType: 2, rows.ToArray());
    }

    /// <summary>A PNG file of any kind, of rows with their filter bytes, with other chunks before the data.</summary>
    public static byte[] Png(int height, int width, byte bits, byte colourType, byte[] rows, params (string Type, byte[] Data)[] before)
    {
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = bits;
        header[9] = colourType;
        Chunk(file, "IHDR", header);
        foreach ((string type, byte[] data) in before)
            Chunk(file, type, data);

        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(rows);
        Chunk(file, "IDAT", compressed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    public static byte[] Jpeg(int height, int width, Pixel pixel) => Encode(height, width, pixel, SKEncodedImageFormat.Jpeg, 95);

    public static byte[] Webp(int height, int width, Pixel pixel)
    {
        using SKBitmap bitmap = Bitmap(height, width, pixel);
        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50))!;
        return data.ToArray();
    }

    /// <summary>A lossless WebP of RGBA pixels.</summary>
    public static byte[] WebpWithAlpha(int height, int width, Func<int, int, (byte R, byte G, byte B, byte A)> pixel)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (byte r, byte g, byte b, byte a) = pixel(y, x);
                bitmap.SetPixel(x, y, new SKColor(r, g, b, a));
            }
        }

        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50))!;
        return data.ToArray();
    }

    /// <summary>Puts an EXIF orientation (1 … 8) into a JPEG file.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation) =>
        [.. jpeg[..2], 0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. Exif(orientation), .. jpeg[2..]];

    /// <summary>Puts an EXIF orientation (1 … 8) into a plain lossless WebP file.</summary>
    public static byte[] WebpWithOrientation(int height, int width, byte[] webp, byte orientation)
    {
        var body = new MemoryStream();
        body.Write("WEBP"u8);
        Riff(body, "VP8X", [0x08, 0, 0, 0, (byte)(width - 1), 0, 0, (byte)(height - 1), 0, 0]);
        body.Write(webp.AsSpan(12));
        Riff(body, "EXIF", Exif(orientation));
        var file = new MemoryStream();
        Riff(file, "RIFF", body.ToArray());
        return file.ToArray();
    }

    /// <summary>A TIFF directory with nothing but the orientation.</summary>
    public static byte[] Exif(byte orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>A plain 8x8 JPEG of four inks, stored inverted (255 = no ink), as is usual.</summary>
    /// <param name="c">The first component: cyan, or luma.</param>
    /// <param name="m">The second component: magenta, or blue chroma.</param>
    /// <param name="y">The third component: yellow, or red chroma.</param>
    /// <param name="k">Black.</param>
    /// <param name="transform">Adobe's: 0 for CMYK, 2 for YCCK; null for a file that was not written by Adobe.</param>
    public static byte[] CmykJpeg(byte c, byte m, byte y, byte k, byte? transform = 0)
    {
        // One block a component with nothing but its mean: quantised by 8, the coefficient is the level less 128.
        // Mean: the 12 categories have the codes 0000 … 1011; the rest: one code, "0", ends the block.
        var bits = new StringBuilder();
        foreach (byte level in new[] { c, m, y, k })
        {
            int difference = level - 128;
            int category = difference == 0 ? 0 : (int)Math.Log2(Math.Abs(difference)) + 1;
            bits.Append(Convert.ToString(category, 2).PadLeft(4, '0'));
            int code = difference < 0 ? difference + (1 << category) - 1 : difference;
            if (category > 0)
                bits.Append(Convert.ToString(code, 2).PadLeft(category, '0'));
            bits.Append('0');
        }

        while (bits.Length % 8 != 0)
            bits.Append('1');
        var scan = new List<byte>();
        for (int i = 0; i < bits.Length; i += 8)
        {
            scan.Add(Convert.ToByte(bits.ToString(i, 8), 2));
            if (scan[^1] == 0xFF)
                scan.Add(0);
        }

        return
        [
            0xFF, 0xD8,
            .. transform is { } colours ? [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, colours] : Array.Empty<byte>(),
            0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
            0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0,
            0xFF, 0xC4, 0, 31, 0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
            0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0,
            .. scan,
            0xFF, 0xD9,
        ];
    }

    /// <summary>
    /// A square progressive JPEG of middle grey. Each scan costs a decoder a pass over the whole picture, and the file a few bytes.
    /// </summary>
    /// <param name="scans">How many scans refine it, after the first.</param>
    /// <param name="side">The sides in pixels, a multiple of 8.</param>
    public static byte[] ProgressiveJpeg(int scans, int side = 24)
    {
        int blocks = side / 8 * (side / 8);
        int runs = (blocks + (1 << 14) - 1) >> 14;

        // The one code of the second table, "0", ends 16384 blocks; fourteen bits behind it add nothing to the run.
        byte[] refinement = [0xFF, 0xDA, 0, 8, 1, 1, 0x00, 1, 63, 0, .. new byte[((15 * runs) + 7) / 8]];
        return
        [
            0xFF, 0xD8,
            0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
            0xFF, 0xC2, 0, 11, 8, (byte)(side >> 8), (byte)side, (byte)(side >> 8), (byte)side, 1, 1, 0x11, 0,
            0xFF, 0xC4, 0, 20, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xE0,
            0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 0, 0, .. new byte[(blocks + 7) / 8],
            .. Enumerable.Repeat(refinement, scans).SelectMany(scan => scan),
            0xFF, 0xD9,
        ];
    }

    /// <summary>An animated WebP of plain 8x8 frames.</summary>
    public static byte[] AnimatedWebp(params byte[] levels)
    {
        byte[] side = [7, 0, 0];
        var body = new MemoryStream();
        body.Write("WEBP"u8);
        Riff(body, "VP8X", [0x02, 0, 0, 0, .. side, .. side]);
        Riff(body, "ANIM", [0, 0, 0, 0, 0, 0]);
        Dictionary<byte, byte[]> frames = levels.Distinct().ToDictionary(level => level, level => Webp(8, 8, Plain(level))[12..]);
        foreach (byte level in levels)
            Riff(body, "ANMF", [0, 0, 0, 0, 0, 0, .. side, .. side, 100, 0, 0, 0, .. frames[level]]);
        var file = new MemoryStream();
        Riff(file, "RIFF", body.ToArray());
        return file.ToArray();
    }

    private static void Riff(MemoryStream stream, string type, byte[] data)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
        stream.Write(Encoding.ASCII.GetBytes(type));
        stream.Write(length);
        stream.Write(data);
        if (data.Length % 2 != 0)
            stream.WriteByte(0);
    }

    private static byte[] Encode(int height, int width, Pixel pixel, SKEncodedImageFormat format, int quality)
    {
        using SKBitmap bitmap = Bitmap(height, width, pixel);
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    private static SKBitmap Bitmap(int height, int width, Pixel pixel)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (byte r, byte g, byte b) = pixel(y, x);
                bitmap.SetPixel(x, y, new SKColor(r, g, b));
            }
        }

        return bitmap;
    }

    private static void Chunk(MemoryStream stream, string type, byte[] data)
    {
        byte[] content = [.. Encoding.ASCII.GetBytes(type), .. data];
        byte[] number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(content));
        stream.Write(number);
    }

    /// <summary>The checksum of a chunk, its type included.</summary>
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data)
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint CrcOf(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
        return value;
    }
}
