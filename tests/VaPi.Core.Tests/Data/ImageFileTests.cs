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

    [Fact]
    public void A_palette_is_looked_up_and_its_transparency_dropped()
    {
        using var folder = new TemporaryFolder();
        byte[] palette = [10, 20, 30, 200, 150, 100];
        string path = folder.Write("a.png", TestImages.Png(1, 2, bits: 8, colourType: 3, [0, 1, 0], ("PLTE", palette), ("tRNS", [255, 40])));
        Assert.Equal(Levels.Of(1, 2, (_, x) => x == 0 ? ((byte)200, (byte)150, (byte)100) : ((byte)10, (byte)20, (byte)30)), Levels.Load(path));
    }

    [Fact]
    public void Alpha_is_dropped_and_not_blended()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", TestImages.Png(1, 3, bits: 8, colourType: 6, [0, 200, 100, 50, 0, 201, 101, 51, 3, 202, 102, 52, 255]));
        Assert.Equal(Levels.Of(1, 3, (_, x) => ((byte)(200 + x), (byte)(100 + x), (byte)(50 + x))), Levels.Load(path));
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

    [Fact]
    public void Four_ink_jpeg_is_converted()
    {
        using var folder = new TemporaryFolder();
        byte[,,] levels = Levels.Load(folder.Write("a.jpg", TestImages.CmykJpeg(200, 100, 50, 255)));
        Assert.InRange(Levels.Distance(Levels.Of(8, 8, (_, _) => (200, 100, 50)), levels), 0, 1);
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

    private static byte[] Damaged(byte[] png)
    {
        png[png.Length / 2] ^= 0x55;
        return png;
    }
}
