using System.Text.Json.Nodes;
using VaPi.Benchmarks.Step;
using Xunit;

namespace VaPi.Benchmarks.Tests.Step;

public sealed class StepCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-benchmarks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData]
    [InlineData("--kl")]
    public void Both_arrangements_compute_the_same_and_are_measured(params string[] more)
    {
        string file = Path.Combine(_folder, "step.json");

        int exitCode = StepCommand.Run([.. Tiny.Arguments, "--repeats", "2", "--json", file, .. more]);

        Assert.Equal(0, exitCode);
        JsonNode written = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.InRange(written["gradients"]!["difference"]!.GetValue<double>(), double.Epsilon, GradientAgreement.Tolerance);
        foreach (string part in (string[])["rollout", "training"])
        {
            Assert.All((string[])["ratio", "library", "published"], name => Assert.InRange(written[part]![name]!.GetValue<double>(), double.Epsilon, double.MaxValue));
        }

        Assert.Equal(more.Contains("--kl"), written["phases"]!["published"]!["reference"]!.GetValue<double>() > 1e-4);
    }

    [Fact]
    public void Wrong_usage_is_not_measured() => Assert.Equal(64, StepCommand.Run(["--group", "1"]));
}
