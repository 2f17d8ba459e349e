using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public class CenterCropTests
{
    [Theory]
    [InlineData("recipe", 0, 32)]
    [InlineData("recipe", 1, 64)]
    [InlineData("recipe", 2, 64)]
    [InlineData("off-policy-kl", 0, 32)]
    [InlineData("off-policy-kl", 1, 64)]
    [InlineData("off-policy-kl", 2, 64)]
    public void Agrees_with_the_published_crop_to_the_last_bit(string folder, int index, int size)
    {
        string golden = Path.Combine(AppContext.BaseDirectory, "Golden", folder);
        using Tensor crop = ImageFile.LoadCenterCrop(Path.Combine(golden, $"crop{index}_in.png"), size);
        Assert.Equal(Levels.Load(Path.Combine(golden, $"crop{index}_out{size}.png")), Levels.Of(crop));
    }

    [Fact]
    public void An_image_of_the_target_size_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        using Tensor crop = ImageFile.LoadCenterCrop(folder.Write("a.png", TestImages.Png(24, 24, TestImages.Pattern)), 24);
        Assert.Equal(Levels.Of(24, 24, TestImages.Pattern), Levels.Of(crop));
    }

    [Fact]
    public void Offsets_are_floored()
    {
        using var folder = new TemporaryFolder();
        using Tensor crop = ImageFile.LoadCenterCrop(folder.Write("a.png", TestImages.Png(16, 21, TestImages.Pattern)), 16);
        Assert.Equal(Levels.Of(16, 16, (y, x) => TestImages.Pattern(y, x + 2)), Levels.Of(crop));
    }

    [Fact]
    public void A_target_that_is_not_square_is_covered_and_cut()
    {
        // 40x30 for 20x10 is halved once, to 20x15, which covers the target; 5 columns are too many.
        using var folder = new TemporaryFolder();
        using Tensor crop = ImageFile.LoadCenterCrop(folder.Write("a.png", TestImages.Png(40, 30, TestImages.Pattern)), new ImageSize(20, 10));

        byte[,,] full = Levels.Of(40, 30, TestImages.Pattern);
        byte[,,] expected = new byte[3, 20, 10];
        for (int c = 0; c < 3; c++)
        {
            for (int y = 0; y < 20; y++)
            {
                for (int x = 0; x < 10; x++)
                {
                    int column = 2 * (x + 2);
                    int upper = (full[c, 2 * y, column] + full[c, 2 * y, column + 1] + 1) / 2;
                    int lower = (full[c, (2 * y) + 1, column] + full[c, (2 * y) + 1, column + 1] + 1) / 2;
                    expected[c, y, x] = (byte)((upper + lower + 1) / 2);
                }
            }
        }

        Assert.Equal(expected, Levels.Of(crop));
    }

    [Theory]
    [InlineData(1, 20000)]
    [InlineData(20000, 1)]
    [InlineData(3, 5)]
    public void Extreme_proportions_cost_no_more_than_the_window(int height, int width)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", TestImages.Png(height, width, TestImages.Plain(77)));
        using Tensor crop = ImageFile.LoadCenterCrop(path, 160);
        Assert.Equal(Levels.Of(160, 160, TestImages.Plain(77)), Levels.Of(crop));
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(8, -1)]
    [InlineData(8, 100000)]
    public void A_size_out_of_range_is_refused(int height, int width)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.LoadCenterCrop("a.png", new ImageSize(height, width)));
        Assert.Contains("from 1 to", error.Message, StringComparison.Ordinal);
    }
}
