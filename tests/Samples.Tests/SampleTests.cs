using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Samples.Tests;

/// <summary>Each sample does what it is for.</summary>
public sealed partial class SampleTests : IDisposable
{
    private const string CollectorWarning = "The concurrent garbage collector is on";

    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-samples-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_smallest_run_learns()
    {
        (int exitCode, string[] output) = SampleProgram.Run("Smallest", _folder);

        double[] rewards = [.. output.Select(line => Reward().Match(line)).Where(match => match.Success).Select(match => Number(match.Value["reward ".Length..]))];
        Assert.True(exitCode == 0 && rewards.Length >= 4, string.Join('\n', output));
        Assert.True(rewards.TakeLast(2).Average() > rewards[0] / 3, string.Join('\n', output)); // a third of the error at first
    }

    [Fact]
    public void A_reward_of_ones_own_is_recorded_beside_the_built_in_one()
    {
        (int exitCode, string[] output) = SampleProgram.Run("OwnParts", _folder, "1");

        Assert.True(exitCode == 0, string.Join('\n', output));
        Match step = Parts().Match(output[0]);
        Assert.True(step.Success, output[0]);
        Assert.Equal(Number(step.Groups["all"].Value), Number(step.Groups["error"].Value) + 0.5 * Number(step.Groups["contrast"].Value), 2e-4);
        Assert.Matches(@"^reward of the same 48 crops: -\d\.\d+ before, -\d\.\d+ after$", output[^1]);
    }

    [Theory]
    [InlineData("SameContrast.cs")]
    [InlineData("RankAdvantage.cs")]
    [InlineData("PenalisedRatio.cs")]
    public void A_part_of_ones_own_takes_under_30_lines(string file)
    {
        string[] lines = File.ReadAllLines(SampleProgram.Source("OwnParts", file));
        Assert.InRange(lines.Select(line => line.Trim()).Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)), 5, 29);
    }

    [Fact]
    public void A_host_aligns_saves_and_ends()
    {
        (int exitCode, string[] output) = SampleProgram.Run("Hosting", _folder, "--VaPi:Rollouts=2", "--VaPi:ImagesPerRollout=4", "--Output=a.safetensors");

        Assert.True(exitCode == 0, string.Join('\n', output));
        Assert.Contains(output, line => line.Contains("Rollout 2: reward", StringComparison.Ordinal));
        Assert.DoesNotContain(output, line => line.Contains(CollectorWarning, StringComparison.Ordinal));
        Assert.Contains(output, line => line.Contains("Saved the policy after 2 rollouts", StringComparison.Ordinal));
        Assert.True(new FileInfo(Path.Combine(_folder, "a.safetensors")).Length > 100_000);
    }

    [Fact]
    public void A_trainer_warns_of_the_concurrent_collector()
    {
        (_, string[] output) = SampleProgram.Run("Hosting", _folder, isConcurrent: true, "--VaPi:Rollouts=1", "--VaPi:ImagesPerRollout=1", "--Output=a.safetensors");

        Assert.Contains(output, line => line.Contains(CollectorWarning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_with_a_wrong_option_does_not_start()
    {
        (int exitCode, string[] output) = SampleProgram.Run("Hosting", _folder, "--VaPi:GroupSize=0");

        Assert.NotEqual(0, exitCode);
        Assert.Contains(output, line => line.Contains("GroupSize is 0; allowed: 1 or more", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_run_that_crashed_goes_on_as_if_it_had_not()
    {
        (int whole, _) = SampleProgram.Run("Resume", _folder, "whole");
        (int killed, string[] before) = SampleProgram.Run("Resume", _folder, "crashed", "8");
        (int resumed, string[] after) = SampleProgram.Run("Resume", _folder, "crashed");

        Assert.Equal((0, 0), (whole, resumed));
        Assert.NotEqual(0, killed);
        Assert.StartsWith("rollout  8", before[^1], StringComparison.Ordinal);
        Assert.Equal("going on after rollout 6", after[0]); // a checkpoint every third
        Assert.StartsWith("rollout  7", after[1], StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "whole", "aligned.safetensors")), File.ReadAllBytes(Path.Combine(_folder, "crashed", "aligned.safetensors")));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"reward -?\d+\.\d+")]
    private static partial Regex Reward();

    [GeneratedRegex(@"^rollout  1: reward (?<all>-\d+\.\d+) \(mean squared error (?<error>-\d+\.\d+), same contrast (?<contrast>-\d+\.\d+)\)$")]
    private static partial Regex Parts();
}
