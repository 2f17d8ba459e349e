using VaPi.Benchmarks.Step;
using Xunit;

namespace VaPi.Benchmarks.Tests.Step;

public class StepOptionsTests
{
    [Fact]
    public void Options_are_read()
    {
        StepOptions options = StepOptions.Parse(
        [
            "--images", "2", "--group", "3", "--grid", "4", "--vocabulary", "64", "--side", "16", "--width", "32", "--layers", "1", "--heads", "2",
            "--channels", "64", "--pixels-only", "--kl", "--seconds", "5", "--repeats", "6", "--published", "7", "--threads", "1", "--decode", "9", "--json", "out.json",
        ]);

        var expected = new StepOptions
        {
            Images = 2,
            GroupSize = 3,
            Grid = 4,
            Vocabulary = 64,
            Side = 16,
            Width = 32,
            Layers = 1,
            Heads = 2,
            Channels = 64,
            PixelsOnly = true,
            Kl = true,
            Seconds = 5,
            Repeats = 6,
            PublishedSeconds = 7,
            Threads = 1,
            SamplesPerDecode = 9,
            Json = "out.json",
        };
        Assert.Equal(expected, options);
    }

    [Theory]
    [InlineData("There is no option '--grop'.", "--grop", "2")]
    [InlineData("--json needs a value.", "--json")]
    [InlineData("--images is '0' but must be a whole number of at least 1.", "--images", "0")]
    [InlineData("--group is 1 but must be at least 2", "--group", "1")]
    [InlineData("--width is 500 but must be a multiple of four times --heads, 32.", "--width", "500")]
    [InlineData("--channels is 48 but must be a multiple of 32", "--channels", "48")]
    [InlineData("--side is 60 but must be 2, 4, 8, 16 or 32 times --grid, 8.", "--side", "60")]
    public void Mistakes_are_named(string message, params string[] arguments)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => StepOptions.Parse(arguments));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
