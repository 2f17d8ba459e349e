using VaPi.Fuzz.Running;
using VaPi.Tests.Checkpoints.Support;
using Xunit;

namespace VaPi.Fuzz.Tests;

public class LongRunTests
{
    [Fact]
    public void Children_run_the_cases_and_their_figures_are_added_up()
    {
        using var folder = new TemporaryFolder();
        var output = new StringWriter();
        Assert.True(new LongRun(FuzzOptions.Parse(["--reader", "npy", "--cases", "40", "--seed", "3", "--output", folder.Root]), output).Run(), output.ToString());
        string[] figures = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["npy", "40"], figures[..2]);
        Assert.Equal(40, int.Parse(figures[2]) + int.Parse(figures[3]));
        Assert.Equal("0", figures[4]);
    }

    [Theory]
    [InlineData("There is no option", "--fast")]
    [InlineData("needs a value", "--cases")]
    [InlineData("a whole number", "--seed", "one")]
    [InlineData("no reader 'gif'", "--reader", "gif")]
    [InlineData("needs --reader", "--case", "1")]
    public void Options_that_make_no_sense_are_refused(string reason, params string[] arguments) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => FuzzOptions.Parse(arguments)).Message, StringComparison.Ordinal);
}
