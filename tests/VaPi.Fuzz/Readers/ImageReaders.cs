using System.IO.Compression;
using SkiaSharp;
using VaPi.Data;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Data;

namespace VaPi.Fuzz.Readers;

/// <summary>Image files of the three formats, of every kind that the decoder treats in a way of its own.</summary>
internal static class ImageReaders
{
    /// <summary>So low that what passes it takes no noticeable time; far above what the samples have.</summary>
    public const long MaximumPixels = 1 << 20;

    private const int Side = 24;

    public static FileReader Png()
    {
        byte[] rgb = [.. Enumerable.Range(0, Side).SelectMany(y => Row(0, 3 * Side, y))];
        byte[] grey = [.. Enumerable.Range(0, Side).SelectMany(y => Row((byte)(y % 5), Side / 8, y))];
        byte[] deep = [.. Enumerable.Range(0, Side).SelectMany(y => Row(1, 8 * Side, y))];
        byte[] palette = [.. Enumerable.Range(0, Side).SelectMany(y => Row(0, Side, y).Select(value => (byte)(value % 4)))];
        byte[] profile = [.. "profile\0\0"u8, .. Deflated(new byte[600])];
        byte[] text = [.. "comment\0\0"u8, .. Deflated(new byte[3000])];
        return Reader(
            "png",
            Packed("rgb.png", 8, 2, rgb),
            Packed("grey.png", 1, 0, grey, ("tRNS", [0, 1])),
            Packed("deep.png", 16, 6, deep, ("gAMA", [0, 0, 0xB1, 0x8F]), ("sRGB", [0])),
            Packed("palette.png", 8, 3, palette, ("PLTE", [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]), ("tRNS", [0, 128, 255])),
            Packed("texts.png", 8, 2, rgb, ("iCCP", profile), ("zTXt", text), ("eXIf", TestImages.Exif(6))),
            Sample.Of("skia.png", Encoded(SKEncodedImageFormat.Png)));
    }

    public static FileReader Jpeg() => Reader(
        "jpeg",
        Sample.Of("rgb.jpg", Encoded(SKEncodedImageFormat.Jpeg)),
        Sample.Of("coarse.jpg", Encoded(SKEncodedImageFormat.Jpeg, quality: 20)),
        Sample.Of("turned.jpg", TestImages.WithOrientation(TestImages.Jpeg(Side, 16, TestImages.Pattern), 6)),
        Sample.Of("inks.jpg", TestImages.CmykJpeg(10, 200, 90, 255)),
        Sample.Of("progressive.jpg", TestImages.ProgressiveJpeg(scans: 6)));

    public static FileReader Webp() => Reader(
        "webp",
        Sample.Of("lossless.webp", TestImages.Webp(Side, Side, TestImages.Pattern)),
        Sample.Of("lossy.webp", Encoded(SKEncodedImageFormat.Webp, quality: 70)),
        Sample.Of("alpha.webp", TestImages.WebpWithAlpha(Side, Side, (y, x) => ((byte)y, (byte)x, 9, (byte)(y * x)))),
        Sample.Of("turned.webp", TestImages.WebpWithOrientation(Side, Side, TestImages.Webp(Side, Side, TestImages.Pattern), 8)),
        Sample.Of("animated.webp", TestImages.AnimatedWebp(30, 220)));

    private static FileReader Reader(string name, params Sample[] samples) => new(name, samples, Read, typeof(ImageDataException), typeof(FileNotFoundException));

    private static void Read(string path)
    {
        var options = new ImageDecodingOptions { MaximumPixels = MaximumPixels };
        ImageFile.Load(path, options).Dispose();
        ImageFile.LoadCenterCrop(path, 16, options).Dispose();
    }

    private static Sample Packed(string name, byte bits, byte colourType, byte[] rows, params (string Type, byte[] Data)[] before)
    {
        byte[][] parts = [rows, .. before.Select(chunk => chunk.Data)];
        return Sample.Of(name, parts, changed => TestImages.Png(Side, Side, bits, colourType, changed[0], [.. before.Select((chunk, i) => (chunk.Type, changed[i + 1]))])) with
        {
            IsCompressed = true,
        };
    }

    private static IEnumerable<byte> Row(byte filter, int bytes, int y) => Enumerable.Range(0, bytes).Select(x => (byte)((x * 7) + (y * 31))).Prepend(filter);

    private static byte[] Encoded(SKEncodedImageFormat format, int quality = 90)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                (byte r, byte g, byte b) = TestImages.Pattern(y, x);
                bitmap.SetPixel(x, y, new SKColor(r, g, b));
            }
        }

        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    private static byte[] Deflated(byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(content);
        return packed.ToArray();
    }
}
