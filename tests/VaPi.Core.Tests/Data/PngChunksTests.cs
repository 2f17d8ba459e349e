using System.Runtime.InteropServices;
using SkiaSharp;
using VaPi.Data;
using Xunit;

namespace VaPi.Tests.Data;

/// <summary>What is left out of a PNG before it is decoded changes neither its pixels nor how it stands.</summary>
public class PngChunksTests
{
    private const int Side = 8;

    public static TheoryData<byte, byte> Kinds => new() { { 1, 0 }, { 8, 0 }, { 16, 0 }, { 8, 2 }, { 16, 2 }, { 8, 3 }, { 8, 4 }, { 16, 4 }, { 8, 6 }, { 16, 6 } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_image_keeps_its_pixels(byte bits, byte colourType)
    {
        byte[] file = TestImages.Png(Side, Side, bits, colourType, Rows(bits, colourType), Chunks(colourType));
        byte[] without = Without(file);

        Assert.True(without.Length < file.Length - 200, $"{file.Length - without.Length} bytes were left out");
        AssertSame(file, without);
    }

    [Fact]
    public void A_colour_profile_is_left_out()
    {
        using SKColorSpace space = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.TwoDotTwo, SKColorSpaceXyz.AdobeRgb);
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Unpremul, space));
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
                bitmap.SetPixel(x, y, new SKColor((byte)(30 * x), (byte)(30 * y), 90, (byte)(255 - (9 * x))));
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        byte[] file = data.ToArray();

        Assert.True(file.AsSpan().IndexOf("iCCP"u8) > 0);
        Assert.Equal(-1, Without(file).AsSpan().IndexOf("iCCP"u8));
        AssertSame(file, Without(file));
    }

    private static void AssertSame(byte[] file, byte[] without)
    {
        (byte[] pixels, SKEncodedOrigin origin, bool isOpaque) = Decoded(file);
        (byte[] kept, SKEncodedOrigin keptOrigin, bool keptOpaque) = Decoded(without);

        Assert.True(pixels.Distinct().Count() > 1);
        Assert.Equal(pixels, kept);
        Assert.Equal((origin, isOpaque), (keptOrigin, keptOpaque));
    }

    private static byte[] Without(byte[] file)
    {
        byte[] copy = [.. file];
        return copy[..PngChunks.KeepNeeded(copy)];
    }

    // As the library decodes: no colour space asked for.
    private static (byte[] Pixels, SKEncodedOrigin Origin, bool IsOpaque) Decoded(byte[] file)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = SKCodec.Create(data);
        var wanted = new SKImageInfo(Side, Side, SKColorType.Rgba8888, codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, colorspace: null);
        byte[] pixels = new byte[wanted.BytesSize];
        var pinned = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            Assert.Equal(SKCodecResult.Success, codec.GetPixels(wanted, pinned.AddrOfPinnedObject()));
        }
        finally
        {
            pinned.Free();
        }

        return (pixels, codec.EncodedOrigin, codec.Info.IsOpaque);
    }

    // In the order that the format asks for: some before the palette, some after it.
    private static (string Type, byte[] Data)[] Chunks(byte colourType) =>
    [
        ("gAMA", [0, 1, 0x86, 0xA0]), // linear
        ("cHRM", [0, 0, 0x7A, 0x26, 0, 0, 0x80, 0x84, 0, 0, 0xFA, 0, 0, 0, 0x80, 0xE8, 0, 0, 0x52, 0x08, 0, 1, 0x15, 0x5C, 0, 0, 0x3A, 0x98, 0, 0, 0x17, 0x70]),
        ("sBIT", [.. Enumerable.Repeat((byte)1, colourType switch { 2 or 3 => 3, 4 => 2, 6 => 4, _ => 1 })]),
        .. colourType == 3 ? [("PLTE", (byte[])[9, 8, 7, 200, 100, 50, 0, 255, 0, 90, 90, 255])] : Array.Empty<(string, byte[])>(),
        .. colourType switch
        {
            0 => [("tRNS", (byte[])[0, 1])],
            2 => [("tRNS", (byte[])[0, 0, 0, 7, 0, 14])],
            3 => [("tRNS", (byte[])[0, 128, 255])],
            _ => Array.Empty<(string, byte[])>(),
        },
        ("bKGD", [.. Enumerable.Repeat((byte)0, colourType switch { 3 => 1, 2 or 6 => 6, _ => 2 })]),
        ("pHYs", [0, 0, 0, 1, 0, 0, 0, 2, 0]),
        ("eXIf", TestImages.Exif(6)),
        ("tIME", [7, 0xEA, 1, 1, 0, 0, 0]),
        ("tEXt", [.. "Comment\0"u8, .. new byte[60]]),
        ("acTL", [0, 0, 0, 1, 0, 0, 0, 0]),
        ("fcTL", [0, 0, 0, 0, 0, 0, 0, Side, 0, 0, 0, Side, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0]),
    ];

    private static byte[] Rows(byte bits, byte colourType)
    {
        int channels = colourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        int row = Side * channels * bits / 8;
        return [.. Enumerable.Range(0, Side).SelectMany(y => Enumerable.Range(0, row).Select(x => (byte)(colourType == 3 ? (x + y) % 4 : (x * 7) + (y * 31))).Prepend((byte)0))];
    }
}
