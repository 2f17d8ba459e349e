using QuickStart.CommandLine;
using Xunit;

namespace QuickStart.Tests.CommandLine;

public class QuickStartOptionsTests
{
    [Theory]
    [InlineData("--images", "photos", "--output", "out", "--seed", "7", "--rollouts", "3", "--samples", "64")]
    [InlineData("--images=photos", "--output=out", "--seed=7", "--rollouts=3", "--samples=64")]
    [InlineData("--seed", "8", "--seed", "7", "--images", "photos", "--output", "out", "--rollouts", "3", "--samples", "64")]
    public void Options_are_read(params string[] arguments)
    {
        QuickStartOptions options = QuickStartOptions.Parse(arguments);

        Assert.Equal(("photos", "out", 7, 3, 64), (options.Images, options.Output, options.Seed, options.Rollouts, options.Samples));
    }

    [Theory]
    [InlineData("There is no option '--sed'. Did you mean --seed?", "--sed", "7")]
    [InlineData("There is no option '-Rollout'. Did you mean --rollouts?", "-Rollout", "7")]
    [InlineData("There is no option 'images'. Did you mean --images?", "images", "photos")]
    [InlineData("There is no option '--seeed'. Did you mean --seed?", "--seeed=3")]
    [InlineData("--seed needs a value: --seed N.", "--seed")]
    [InlineData("--output needs a value: --output DIR.", "--output", "")]
    [InlineData("--output needs a value", "--output=")]
    [InlineData("--output needs a value", "--output", "--seed", "3")]
    [InlineData("--train-base takes no value, but was given 'yes'", "--train-base=yes")]
    [InlineData("--seed is 'x' but must be a whole number from 0 to 2000000000", "--seed", "x")]
    [InlineData("--seed is '-1' but must be a whole number from 0", "--seed", "-1")]
    [InlineData("--seed is '2000000001' but must be", "--seed", "2000000001")]
    [InlineData("--rollouts is '0' but must be a whole number from 1 to 100000", "--rollouts", "0")]
    [InlineData("--samples is '63' but must be a whole number from 64 to 100000", "--samples", "63")]
    [InlineData("--images is 'a\0b' but must be a folder", "--images", "a\0b")]
    [InlineData("name it with --models", "--train-base")]
    [InlineData("must not replace the one to align", "--models", "same", "--output", "./same/")]
    [InlineData("would take its pictures for photographs", "--images", "photos", "--output", "photos/results")]
    public void Mistakes_are_named(string message, params string[] arguments)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => QuickStartOptions.Parse(arguments));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_like_no_option_is_not_guessed_at() => Assert.DoesNotContain(
        "Did you mean", Assert.Throws<ArgumentException>(() => QuickStartOptions.Parse(["--learning-rate", "1"])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_folder_beside_the_photographs_may_start_with_the_same_letters() =>
        Assert.Equal("photos-results", QuickStartOptions.Parse(["--images", "photos", "--output", "photos-results"]).Output);

    [UnixFact]
    public void A_folder_is_known_by_its_other_names_too()
    {
        string folder = Directory.CreateTempSubdirectory("vapi-quickstart-").FullName;
        try
        {
            string models = Directory.CreateDirectory(Path.Combine(folder, "models")).FullName;
            string link = Directory.CreateSymbolicLink(Path.Combine(folder, "link"), "models").FullName;
            string above = Directory.CreateSymbolicLink(Path.Combine(folder, "above"), ".").FullName;
            string circle = Directory.CreateSymbolicLink(Path.Combine(folder, "circle"), "circle").FullName;

            foreach (string output in new[] { link, Path.Combine(above, "models"), Path.Combine(above, "link") })
                Assert.Throws<ArgumentException>(() => QuickStartOptions.Parse(["--models", models, "--output", output]));
            Assert.Throws<ArgumentException>(() => QuickStartOptions.Parse(["--images", models, "--output", Path.Combine(link, "results")]));
            Assert.Equal(circle, QuickStartOptions.Parse(["--models", models, "--output", circle]).Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Help_explains_every_option_with_its_default()
    {
        QuickStartOptions defaults = QuickStartOptions.Parse([]);
        string help = string.Join(' ', QuickStartOptions.HelpText.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains($"--output DIR where the results go; made if there is none (default: {defaults.Output})", help, StringComparison.Ordinal);
        Assert.Contains($"0 to 2000000000 (default: {defaults.Seed})", help, StringComparison.Ordinal);
        Assert.Contains($"1 to 100000 (default: {defaults.Rollouts})", help, StringComparison.Ordinal);
        Assert.Contains($"(default: {defaults.Samples})", help, StringComparison.Ordinal);
        foreach (string option in new[] { "--images DIR", "--models DIR", "--train-base", "--report", "--help", "before-after.png", "report.html", "summary.json", "64 an option", "130 stopped" })
            Assert.Contains(option, help, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_fits_a_narrow_terminal() => Assert.All(
        QuickStartOptions.HelpText.Split(Environment.NewLine).Where(line => !line.Contains("dotnet run", StringComparison.Ordinal)),
        line => Assert.InRange(line.Length, 0, 80));

    [Fact]
    public void Photographs_that_the_networks_do_not_know_are_noticed()
    {
        Assert.False(QuickStartOptions.Parse([]).HasForeignPhotographs);
        Assert.True(QuickStartOptions.Parse(["--images", "photos"]).HasForeignPhotographs);
        Assert.False(QuickStartOptions.Parse(["--images", "photos", "--models", "networks"]).HasForeignPhotographs);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_can_be_asked_for(string argument) => Assert.True(QuickStartOptions.Parse(["--train-base", argument]).ShowHelp);

    [Fact]
    public void The_shipped_networks_stay_small()
    {
        string models = QuickStartOptions.Parse([]).Models;

        long bytes = new[] { Models.SmallModels.TokenizerFile, Models.SmallModels.PolicyFile }.Sum(file => new FileInfo(Path.Combine(models, file)).Length);

        Assert.InRange(bytes, 1, 4_000_000);
    }
}
