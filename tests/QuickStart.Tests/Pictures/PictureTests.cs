using QuickStart.Pictures;
using SkiaSharp;
using Xunit;
using static TorchSharp.torch;

namespace QuickStart.Tests.Pictures;

public class PictureTests
{
    [Fact]
    public void Images_are_enlarged_without_smoothing_in_the_order_of_their_classes()
    {
        // Image n of the row has the grey level 10 n, and a white pixel at its top left.
        using Tensor images = (arange(4).reshape(4, 1, 1, 1) * 10 / 127.5 - 1).to(ScalarType.Float32).expand(4, 3, 8, 8).clone();
        images[TensorIndex.Colon, TensorIndex.Colon, TensorIndex.Single(0), TensorIndex.Single(0)] = tensor(1f);
        using var stream = new MemoryStream();
        ClassSheet.Write(stream, "t", ["a", "b"], [new SheetRow("real", images)]);
        using SKBitmap picture = SKBitmap.Decode(stream.ToArray());
        var layout = new SheetLayout("t", ["a", "b"], ["real"], 2, 8);

        Assert.Equal((layout.Width, layout.Height), (picture.Width, picture.Height));
        for (int image = 0; image < 4; image++)
        {
            SKRectI place = layout.Image(image / 2, 0, image % 2);
            for (int y = 0; y < layout.Side; y++)
            {
                for (int x = 0; x < layout.Side; x++)
                {
                    byte expected = x < SheetLayout.Enlargement && y < SheetLayout.Enlargement ? (byte)255 : (byte)(10 * image);
                    Assert.Equal(new SKColor(expected, expected, expected), picture.GetPixel(place.Left + x, place.Top + y));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    [InlineData(3000)]
    public void A_curve_of_any_length_can_be_drawn(int rollouts)
    {
        using var stream = new MemoryStream();
        RewardCurve.Write(stream, [.. Enumerable.Range(0, rollouts).Select(rollout => -2 + Math.Sin(rollout) / 10)], samples: 192);

        using SKBitmap picture = SKBitmap.Decode(stream.ToArray());
        Assert.Contains(picture.Pixels, pixel => pixel == SKColors.DarkBlue);
    }

    [Theory]
    [InlineData(-1.53, -1.22, 5, "-1.5, -1.4, -1.3", 1)]
    [InlineData(1, 50, 10, "5, 10, 15, 20, 25, 30, 35, 40, 45, 50", 0)]
    [InlineData(-0.021, 0.021, 5, "-0.02, -0.01, 0, 0.01, 0.02", 2)]
    [InlineData(0, 1, 5, "0, 0.2, 0.4, 0.6, 0.8, 1", 1)]
    public void Ticks_are_round_numbers(double low, double high, int about, string values, int decimals)
    {
        (IReadOnlyList<double> ticks, int needed) = AxisTicks.Between(low, high, about);

        Assert.Equal(values, string.Join(", ", ticks.Select(tick => FormattableString.Invariant($"{Math.Round(tick, 6)}"))));
        Assert.Equal(decimals, needed);
    }

    [Fact]
    public void A_letter_that_the_font_lacks_is_seen()
    {
        using var bitmap = new SKBitmap(12, 12);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            PixelFont.Draw(canvas, "猫", 0, 0, 1, SKColors.Black);
        }

        Assert.Contains(bitmap.Pixels, pixel => pixel == SKColors.Black);
    }
}
