using Xunit;

namespace QuickStart.Tests;

public class QuickStartOptionsTests
{
    [Fact]
    public void Options_are_read()
    {
        QuickStartOptions options = QuickStartOptions.Parse(["--images", "photos", "--output", "out", "--seed", "7", "--rollouts", "3"]);

        Assert.Equal(("photos", "out", 7, 3), (options.Images, options.Output, options.Seed, options.Rollouts));
    }

    [Theory]
    [InlineData("There is no option '--sed'", "--sed", "7")]
    [InlineData("--seed needs a value", "--seed")]
    [InlineData("--output needs a value", "--output", "")]
    [InlineData("--seed is 'x' but must be a whole number of at least 0", "--seed", "x")]
    [InlineData("--rollouts is '0' but must be a whole number of at least 1", "--rollouts", "0")]
    [InlineData("name it with --models", "--train-base")]
    public void Mistakes_are_named(string message, params string[] arguments)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => QuickStartOptions.Parse(arguments));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_networks_stay_small()
    {
        string models = QuickStartOptions.Parse([]).Models;

        long bytes = new[] { Models.SmallModels.TokenizerFile, Models.SmallModels.PolicyFile }.Sum(file => new FileInfo(Path.Combine(models, file)).Length);

        Assert.InRange(bytes, 1, 4_000_000);
    }
}
