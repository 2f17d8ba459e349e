using SkiaSharp;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Reporting.Tests;

public class PngImageTests
{
    [Fact]
    public void Pixels_come_back_in_their_places_rounded_and_clamped()
    {
        // Two rows of three: red, green, blue at their ends and between.
        using Tensor image = tensor(new float[] { 1, -1, 0, -3, 0.5f, -0.5f, -1, 1, 0, 3, 0.5f, -0.5f, -1, -1, 0, -1, 1, -0.5f }, [3, 2, 3]);

        PngImage png = PngImage.Of(image);

        using SKBitmap read = SKBitmap.Decode(png.Content.Span);
        Assert.Equal((3, 2), (png.Width, png.Height));
        Assert.Equal((3, 2), (read.Width, read.Height));
        Assert.Equal(new SKColor(255, 0, 0), read.GetPixel(0, 0));
        Assert.Equal(new SKColor(0, 255, 0), read.GetPixel(1, 0));
        Assert.Equal(new SKColor(128, 128, 128), read.GetPixel(2, 0));
        Assert.Equal(new SKColor(0, 255, 0), read.GetPixel(0, 1));
        Assert.Equal(new SKColor(191, 191, 255), read.GetPixel(1, 1));
        Assert.Equal(new SKColor(64, 64, 64), read.GetPixel(2, 1));
        Assert.Equal(2, png.Content.Span[25]); // the header's colour type: RGB, as event files say of it
    }

    [Fact]
    public void What_is_no_image_is_refused_by_name()
    {
        using Tensor grey = zeros(1, 4, 4);
        using Tensor bytes = zeros([3, 4, 4], ScalarType.Byte);
        using Tensor broken = full([3, 4, 4], float.NaN);

        Assert.Contains("(1, 4, 4)", Assert.Throws<ArgumentException>(() => PngImage.Of(grey)).Message, StringComparison.Ordinal);
        Assert.Contains("Byte (3, 4, 4)", Assert.Throws<ArgumentException>(() => PngImage.Of(bytes)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => PngImage.Of(broken)).Message, StringComparison.Ordinal);
        Assert.Contains("(N, 3, H, W)", Assert.Throws<ArgumentException>(() => PngImage.OfBatch(grey)).Message, StringComparison.Ordinal);
    }
}
