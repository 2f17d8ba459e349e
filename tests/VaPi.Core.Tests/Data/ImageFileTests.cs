using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public class ImageFileTests
{
    [Fact]
    public void Pixels_become_x_over_127_5_less_1()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", TestImages.Png(2, 3, (y, x) => ((byte)(y * 255), (byte)(x * 100), 51)));
        using Tensor image = ImageFile.Load(path);
        Assert.Equal([3L, 2, 3], image.shape);
        Assert.Equal(-1f, image[0, 0, 0].item<float>());
        Assert.Equal(1f, image[0, 1, 0].item<float>());
        Assert.Equal((200 / 127.5f) - 1, image[1, 0, 2].item<float>());
        Assert.Equal((51 / 127.5f) - 1, image[2, 1, 1].item<float>());
    }

    [Fact]
    public void A_tensor_belongs_to_the_caller_and_its_scope()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", TestImages.Png(4, 4, TestImages.Pattern));
        Tensor image;
        using (var scope = NewDisposeScope())
            image = ImageFile.Load(path).MoveToOuterDisposeScope();
        Assert.False(image.IsInvalid);
        image.Dispose();
    }

    [Fact]
    public void Grey_is_repeated()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", TestImages.Png(1, 3, bits: 8, colourType: 0, [0, 0, 100, 255]));
        byte[] levels = [0, 100, 255];
        Assert.Equal(Levels.Of(1, 3, (_, x) => (levels[x], levels[x], levels[x])), Levels.Load(path));
    }

    [Theory]
    [InlineData(1, 0b10110000, 1)]
    [InlineData(2, 0b11_00_10_00, 3)]
    [InlineData(4, 0b1111_0000, 15)]
    public void Grey_of_few_bits_spans_black_to_white(byte bits, byte row, int highest)
    {
        using var folder = new TemporaryFolder();
        int width = 8 / bits;
        string path = folder.Write("a.png", TestImages.Png(1, width, bits, colourType: 0, [0, row]));
        byte Level(int x) => (byte)(((row >> (8 - bits - (x * bits))) & highest) * 255 / highest);
        Assert.Equal(Levels.Of(1, width, (_, x) => (Level(x), Level(x), Level(x))), Levels.Load(path));
    }

    [Theory]
    [InlineData(1, 0b01000000)]
    [InlineData(4, 0b0000_0001)]
    [InlineData(8, 0)]
    public void A_palette_is_looked_up(byte bits, byte row)
    {
        using var folder = new TemporaryFolder();
        byte[] palette = [10, 20, 30, 200, 150, 100];
        byte[] rows = bits == 8 ? [0, 0, 1] : [0, row];
        string path = folder.Write("a.png", TestImages.Png(1, 2, bits, colourType: 3, rows, ("PLTE", palette)));
        Assert.Equal(Levels.Of(1, 2, (_, x) => x == 0 ? ((byte)10, (byte)20, (byte)30) : ((byte)200, (byte)150, (byte)100)), Levels.Load(path));
    }

    public static TheoryData<string, byte[]> Transparent => new()
    {
        // Each holds (200, 100, 50) at alpha 0, 51 (a fifth) and 255.
        { "RGBA", TestImages.Png(1, 3, bits: 8, colourType: 6, [0, 200, 100, 50, 0, 200, 100, 50, 51, 200, 100, 50, 255]) },
        { "RGBA of 16 bits", TestImages.Png(1, 3, bits: 16, colourType: 6, [0, .. Wide(200, 100, 50, 0), .. Wide(200, 100, 50, 51), .. Wide(200, 100, 50, 255)]) },
        { "palette", TestImages.Png(1, 3, bits: 8, colourType: 3, [0, 2, 1, 0], ("PLTE", [200, 100, 50, 200, 100, 50, 200, 100, 50]), ("tRNS", [255, 51, 0])) },
        { "WebP", TestImages.WebpWithAlpha(1, 3, (_, x) => (200, 100, 50, (byte)(x == 0 ? 0 : x == 1 ? 51 : 255))) },
    };

    [Theory]
    [MemberData(nameof(Transparent))]
    public void Transparency_lets_white_show_through(string kind, byte[] content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", content);
        (byte, byte, byte)[] blended = [(255, 255, 255), (244, 224, 214), (200, 100, 50)];
        Assert.Equal(Levels.Of(1, 3, (_, x) => blended[x]), Levels.Load(path));

        // The encoder of WebP does not keep the colour of what is wholly transparent.
        byte[,,] dropped = Levels.Load(path, new ImageDecodingOptions { BlendAlpha = false });
        for (int x = kind == "WebP" ? 1 : 0; x < 3; x++)
            Assert.Equal((200, 100, 50), (dropped[0, 0, x], dropped[1, 0, x], dropped[2, 0, x]));
    }

    [Fact]
    public void Grey_with_alpha_and_a_transparent_colour_are_blended_too()
    {
        using var folder = new TemporaryFolder();
        string grey = folder.Write("grey.png", TestImages.Png(1, 2, bits: 8, colourType: 4, [0, 100, 51, 100, 255]));
        Assert.Equal(Levels.Of(1, 2, (_, x) => x == 0 ? ((byte)224, (byte)224, (byte)224) : ((byte)100, (byte)100, (byte)100)), Levels.Load(grey));

        string key = folder.Write("key.png", TestImages.Png(1, 2, bits: 8, colourType: 2, [0, 9, 8, 7, 9, 8, 6], ("tRNS", [0, 9, 0, 8, 0, 7])));
        Assert.Equal(Levels.Of(1, 2, (_, x) => x == 0 ? ((byte)255, (byte)255, (byte)255) : ((byte)9, (byte)8, (byte)6)), Levels.Load(key));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(6)]
    public void Sixteen_bits_become_eight(byte colourType)
    {
        using var folder = new TemporaryFolder();
        byte[] pixel = [0x12, 0x34, 0x80, 0x00, 0xFF, 0xFF, 0xFF, 0xFF];
        int channels = colourType switch { 0 => 1, 2 => 3, _ => 4 };
        string path = folder.Write("a.png", TestImages.Png(1, 1, bits: 16, colourType, [0, .. pixel[..(2 * channels)]]));
        Assert.Equal(
            Levels.Of(1, 1, (_, _) => colourType == 0 ? ((byte)0x12, (byte)0x12, (byte)0x12) : ((byte)0x12, (byte)0x80, (byte)0xFF)), Levels.Load(path));
    }

    [Fact]
    public void A_colour_profile_changes_nothing()
    {
        // Gamma 1.0, which a colour-managed reader would turn into much brighter levels.
        using var folder = new TemporaryFolder();
        byte[] linear = TestImages.Png(1, 1, bits: 8, colourType: 2, [0, 60, 60, 60], ("gAMA", [0, 1, 0x86, 0xA0]));
        Assert.Equal(Levels.Of(1, 1, TestImages.Plain(60)), Levels.Load(folder.Write("a.png", linear)));
    }

    [Fact]
    public void Jpeg_and_webp_are_read_whatever_the_name_says()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(Levels.Of(9, 7, TestImages.Pattern), Levels.Load(folder.Write("really-webp.JPEG", TestImages.Webp(9, 7, TestImages.Pattern))));
        Assert.InRange(Levels.Distance(Levels.Of(9, 7, TestImages.Plain(90)), Levels.Load(folder.Write("a.jpg", TestImages.Jpeg(9, 7, TestImages.Plain(90))))), 0, 1);
    }

    // Taken as inverted also without Adobe's mark, as browsers do.
    [Theory]
    [InlineData(200, 100, 50, 255, (byte)0, 200, 100, 50)]
    [InlineData(200, 100, 50, 128, (byte)0, 100, 50, 25)]
    [InlineData(200, 100, 50, 255, null, 200, 100, 50)]
    [InlineData(155, 128, 128, 255, (byte)2, 100, 100, 100)]
    [InlineData(155, 128, 168, 255, (byte)2, 44, 129, 100)]
    [InlineData(155, 128, 128, 51, (byte)2, 20, 20, 20)]
    public void Four_inks_become_rgb(byte c, byte m, byte y, byte k, byte? transform, byte r, byte g, byte b)
    {
        using var folder = new TemporaryFolder();
        byte[,,] levels = Levels.Load(folder.Write("a.jpg", TestImages.CmykJpeg(c, m, y, k, transform)));
        Assert.InRange(Levels.Distance(Levels.Of(8, 8, (_, _) => (r, g, b)), levels), 0, 1);
    }

    [Fact]
    public void An_animation_gives_its_first_frame()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(Levels.Of(8, 8, TestImages.Plain(30)), Levels.Load(folder.Write("a.webp", TestImages.AnimatedWebp(30, 220))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Orientation_turns_the_image_upright(byte orientation)
    {
        const int H = 16, W = 24;
        using var folder = new TemporaryFolder();
        byte[] jpeg = TestImages.Jpeg(H, W, (y, x) => ((byte)(y * 12), (byte)(x * 8), 0));
        byte[,,] stored = Levels.Load(folder.Write("stored.jpg", jpeg));
        string path = folder.Write("a.jpg", TestImages.WithOrientation(jpeg, orientation));

        // By EXIF: which side of the scene the stored row 0 and the stored column 0 are.
        (int Height, int Width) size = orientation >= 5 ? (W, H) : (H, W);
        byte[,,] expected = new byte[3, size.Height, size.Width];
        for (int y = 0; y < H; y++)
        {
            for (int x = 0; x < W; x++)
            {
                (int row, int column) = orientation switch
                {
                    1 => (y, x),
                    2 => (y, W - 1 - x),
                    3 => (H - 1 - y, W - 1 - x),
                    4 => (H - 1 - y, x),
                    5 => (x, y),
                    6 => (x, H - 1 - y),
                    7 => (W - 1 - x, H - 1 - y),
                    _ => (W - 1 - x, y),
                };
                for (int c = 0; c < 3; c++)
                    expected[c, row, column] = stored[c, y, x];
            }
        }

        Assert.Equal(expected, Levels.Load(path));
        using Tensor asStored = ImageFile.Load(path, new ImageDecodingOptions { ApplyOrientation = false });
        Assert.Equal(stored, Levels.Of(asStored));
    }

    [Fact]
    public void Webp_is_turned_upright_and_png_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        byte[] webp = TestImages.Webp(2, 3, TestImages.Pattern);
        byte[,,] turned = Levels.Load(folder.Write("a.webp", TestImages.WebpWithOrientation(2, 3, webp, orientation: 6)));
        Assert.Equal(Levels.Of(3, 2, (y, x) => TestImages.Pattern(1 - x, y)), turned);

        byte[] png = TestImages.Png(1, 2, bits: 8, colourType: 0, [0, 10, 20], ("eXIf", TestImages.Exif(6)));
        Assert.Equal(Levels.Of(1, 2, (_, x) => x == 0 ? ((byte)10, (byte)10, (byte)10) : ((byte)20, (byte)20, (byte)20)), Levels.Load(folder.Write("a.png", png)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(255)]
    public void An_orientation_that_does_not_exist_is_none(byte orientation)
    {
        using var folder = new TemporaryFolder();
        byte[] jpeg = TestImages.Jpeg(8, 16, TestImages.Pattern);
        Assert.Equal(Levels.Load(folder.Write("a.jpg", jpeg)), Levels.Load(folder.Write("b.jpg", TestImages.WithOrientation(jpeg, orientation))));
    }

    [Theory]
    [InlineData("a.png", 0)]
    [InlineData("a.PNG", 0)]
    [InlineData("a.webp", 0)]
    [InlineData("a.jpg", 6)]
    [InlineData("a.jpeg", 6)]
    public void What_is_saved_is_loaded_again(string name, int tolerance)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, name);
        static (byte, byte, byte) Smooth(int y, int x) => ((byte)(y * 9), (byte)(x * 9), (byte)(200 - (x * 3)));
        using Tensor image = ImageFile.Load(folder.Write("source.png", TestImages.Png(17, 23, Smooth)));
        using Tensor batch = image.unsqueeze(0);
        ImageFile.Save(image, path, quality: 100);
        ImageFile.Save(batch, path, quality: 100);
        Assert.InRange(Levels.Distance(Levels.Of(17, 23, Smooth), Levels.Load(path)), 0, tolerance);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void Saving_clamps_and_rounds_and_takes_any_layout()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "a.png");
        using Tensor column = tensor(new[] { -7.0, -1 + (0.4 / 127.5), -1 + (0.6 / 127.5), 3.0, double.PositiveInfinity, double.NegativeInfinity }, requires_grad: true);
        using Tensor image = column.unsqueeze(1).unsqueeze(0).expand(3, 6, 2);
        ImageFile.Save(image, path);
        byte[] levels = [0, 0, 1, 255, 255, 0];
        Assert.Equal(Levels.Of(6, 2, (y, _) => (levels[y], levels[y], levels[y])), Levels.Load(path));
    }

    [Fact]
    public void Saving_refuses_what_is_not_an_image()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "a.png");
        using Tensor image = zeros(3, 4, 4);
        using Tensor two = zeros(2, 3, 4, 4);
        using Tensor grey = zeros(1, 4, 4);
        using Tensor bytes = zeros(3, 4, 4, dtype: ScalarType.Byte);
        using Tensor nan = full(3, 4, 4, float.NaN);
        Assert.Contains("(2, 3, 4, 4)", Assert.Throws<ArgumentException>(() => ImageFile.Save(two, path)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageFile.Save(grey, path));
        Assert.Throws<ArgumentException>(() => ImageFile.Save(bytes, path));
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => ImageFile.Save(nan, path)).Message, StringComparison.Ordinal);
        Assert.Contains("'.bmp'", Assert.Throws<ArgumentException>(() => ImageFile.Save(image, Path.ChangeExtension(path, ".bmp"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.Save(image, path, quality: 0));
        var missing = Assert.Throws<DirectoryNotFoundException>(() => ImageFile.Save(image, Path.Combine(folder.Path, "none", "a.png")));
        Assert.Contains("none", missing.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_format_that_cannot_hold_the_size_is_an_error_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "a.webp");
        using Tensor wide = zeros(3, 1, 20000);
        Assert.Contains("1x20000", Assert.Throws<ImageDataException>(() => ImageFile.Save(wide, path)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<FileNotFoundException>(() => ImageFile.Load("no-such-image.png"));
        Assert.Contains("no-such-image.png", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Unreadable => new()
    {
        { "empty", [] },
        { "not start as a JPEG", "This is a text."u8.ToArray() },
        { "cut off", TestImages.Png(64, 64, TestImages.Pattern)[..700] },
        { "cut off", TestImages.Jpeg(64, 64, TestImages.Pattern)[..1500] },
        { "cannot be decoded", TestImages.Webp(64, 64, TestImages.Pattern)[..300] },
        { "cannot be decoded", Damaged(TestImages.Png(64, 64, TestImages.Pattern)) },
        { "header", TestImages.Png(64, 64, TestImages.Pattern)[..20] },
        { "Gif", [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B] },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void An_unreadable_image_is_named_with_the_reason(string reason, byte[] content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("picture.png", content);
        var error = Assert.Throws<ImageDataException>(() => ImageFile.Load(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.Path);
    }

    [Fact]
    public void A_header_that_claims_too_much_is_refused_before_decoding()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("bomb.png", TestImages.Png(60000, 60000, bits: 8, colourType: 2, [0]));
        Assert.Contains("60000x60000", Assert.Throws<ImageDataException>(() => ImageFile.Load(path)).Message, StringComparison.Ordinal);

        string small = folder.Write("small.png", TestImages.Png(10, 11, TestImages.Pattern));
        var error = Assert.Throws<ImageDataException>(() => ImageFile.Load(small, new ImageDecodingOptions { MaximumPixels = 109 }));
        Assert.Contains(nameof(ImageDecodingOptions.MaximumPixels), error.Message, StringComparison.Ordinal);
        ImageFile.Load(small, new ImageDecodingOptions { MaximumPixels = 110 }).Dispose();
    }

    [Fact]
    public void A_file_that_is_too_long_is_refused_before_reading()
    {
        using var folder = new TemporaryFolder();
        byte[] png = TestImages.Png(10, 11, TestImages.Pattern);
        string path = folder.Write("a.png", png);
        var error = Assert.Throws<ImageDataException>(() => ImageFile.Load(path, new ImageDecodingOptions { MaximumFileBytes = png.Length - 1 }));
        Assert.Contains(nameof(ImageDecodingOptions.MaximumFileBytes), error.Message, StringComparison.Ordinal);
        ImageFile.Load(path, new ImageDecodingOptions { MaximumFileBytes = png.Length }).Dispose();

        // The limit holds for what a link leads to.
        string link = Path.Combine(folder.Path, "link.png");
        if (TryLink(link, path, File.CreateSymbolicLink))
        {
            ImageFile.Load(link).Dispose();
            Assert.Throws<ImageDataException>(() => ImageFile.Load(link, new ImageDecodingOptions { MaximumFileBytes = png.Length - 1 }));
            File.Delete(path);
            Assert.Contains("link.png", Assert.Throws<FileNotFoundException>(() => ImageFile.Load(link)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Options_out_of_range_are_all_named_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => ImageFile.Load("a.png", new ImageDecodingOptions { MaximumPixels = 0, MaximumFileBytes = -5 }));
        Assert.Contains("MaximumPixels is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaximumFileBytes is -5", error.Message, StringComparison.Ordinal);
    }

    /// <summary>False where the system does not let this user make links.</summary>
    internal static bool TryLink(string link, string target, Func<string, string, FileSystemInfo> create)
    {
        try
        {
            create(link, target);
            return true;
        }
        catch (Exception exception) when (OperatingSystem.IsWindows() && exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static byte[] Wide(params byte[] levels) => [.. levels.SelectMany(level => new[] { level, level })];

    private static byte[] Damaged(byte[] png)
    {
        png[png.Length / 2] ^= 0x55;
        return png;
    }
}
