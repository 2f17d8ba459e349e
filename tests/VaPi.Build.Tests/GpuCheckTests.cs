using System.IO.Compression;
using System.Text.Json;
using Xunit;

namespace VaPi.Build.Tests;

/// <summary>GpuCheck as it is taken to a machine with a GPU: published, and run there as far as a CPU goes.</summary>
public sealed class GpuCheckTests(GpuCheckTests.Published published) : IClassFixture<GpuCheckTests.Published>
{
    private const long MostBytes = 25_000_000;

    [LinuxX64Fact]
    public void The_published_program_is_small_and_has_no_libtorch()
    {
        string archive = Path.Combine(published.Folder, "gpucheck.zip");
        ZipFile.CreateFromDirectory(published.Output, archive);

        long size = new FileInfo(archive).Length;

        Assert.InRange(size, 1, MostBytes);
        Assert.Empty(Directory.GetFiles(published.Output, "libtorch*"));
        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.Apply(File.ReadAllBytes(Path.Combine(published.Output, "libLibTorchSharp.so"))).Outcome);
    }

    [LinuxX64Fact]
    public void It_recomputes_the_golden_cases_and_measures_both_arrangements()
    {
        string file = Path.Combine(published.Folder, "result.json");
        string golden = Path.Combine(TestEnvironment.RepositoryRoot, "tests", "Golden");

        published.Run(
            mustSucceed: true, "--device", "cpu", "--golden", $"{golden}/recipe,{golden}/metrics", "--sizes", "small", "--images", "2", "--rollouts", "1", "--json", file);

        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = result.RootElement;
        Assert.Equal(TestEnvironment.LibTorchFolder, root.GetProperty("libtorch").GetProperty("folder").GetString());
        JsonElement[] precisions = [.. root.GetProperty("golden").EnumerateArray()];
        Assert.Equal(["float32", "bfloat16"], precisions.Select(precision => precision.GetProperty("precision").GetString()));
        Assert.All(precisions, precision => Assert.Equal(0, precision.GetProperty("wrong").GetInt32()));
        Assert.InRange(precisions[0].GetProperty("ok").GetInt32(), 80, 1000);
        Assert.Equal(4, precisions[1].GetProperty("ok").GetInt32());
        JsonElement rollout = Assert.Single(root.GetProperty("rollouts").EnumerateArray());
        (double library, double other) = (Median(rollout, "library"), Median(rollout, "published"));
        Assert.Equal(other / library, rollout.GetProperty("ratio").GetDouble(), 1e-9);
        Assert.InRange(rollout.GetProperty("library").GetProperty("measured").GetProperty("peakBytes").GetInt64(), 50_000_000, 5_000_000_000);
        Assert.Equal(
            rollout.GetProperty("library").GetProperty("measured").GetProperty("operations").GetDouble()
                / library / root.GetProperty("matrixOperationsPerSecond").GetProperty("bfloat16").GetDouble(),
            rollout.GetProperty("library").GetProperty("shareOfMatrixRate").GetDouble(), 1e-9);
    }

    [LinuxX64Theory]
    [InlineData("--device is not there", "libtorch in '", "is for the CPU only", "--sizes", "small")]
    [InlineData("no such device", "The device is 'gpu'; it must be 'cpu', 'cuda'", "", "--device", "gpu", "--sizes", "small")]
    [InlineData("no such size", "--sizes names 'huge' but must be of small, B256, XL384, XXL384.", "", "--sizes", "huge")]
    [InlineData("a group of one", "--group is 1 but must be at least 2", "", "--group", "1")]
    [InlineData("no number", "--images is 'x' but must be a whole number of at least 1.", "", "--images", "x")]
    [InlineData("no such precision", "--precision is 'float8' but must be bfloat16 or float32.", "", "--precision", "float8")]
    [InlineData("nothing to do", "There is nothing to do: give --golden, --sizes or both.", "")]
    [InlineData("no such option", "There is no option '--turbo'.", "", "--turbo")]
    [InlineData("a file that cannot be written", "'/dev/null/result.json'", "", "--device", "cpu", "--sizes", "small", "--json", "/dev/null/result.json")]
    [InlineData("a value is missing", "--json needs a value.", "", "--json")]
    public void What_cannot_be_done_is_said(string why, string first, string second, params string[] arguments)
    {
        string output = published.Run(mustSucceed: false, arguments);

        Assert.Contains(first, output, StringComparison.Ordinal);
        Assert.Contains(second, output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", output, StringComparison.Ordinal);
        Assert.NotEmpty(why);
    }

    [LinuxX64Fact]
    public void A_folder_that_holds_no_libtorch_is_said_without_a_stack_trace()
    {
        string output = published.Run(mustSucceed: false, published.Folder, ["--device", "cpu", "--sizes", "small"]);

        Assert.StartsWith($"VAPI_LIBTORCH is '{published.Folder}', but there is no libtorch_cpu.so in it", output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void Another_libtorch_than_the_variable_names_is_not_passed_over()
    {
        string other = Directory.CreateDirectory(Path.Combine(published.Folder, "other")).FullName;
        File.WriteAllText(Path.Combine(other, "libtorch_cpu.so"), "");

        string output = published.Run(mustSucceed: false, "--device", "cpu", "--sizes", "small", "--libtorch", other);

        Assert.Contains($"is in use, so that in '{other}' cannot be", output, StringComparison.Ordinal);
    }

    private static double Median(JsonElement rollout, string arrangement) => rollout.GetProperty(arrangement).GetProperty("medianSeconds").GetDouble();

    /// <summary>The program, published once.</summary>
    public sealed class Published : IDisposable
    {
        private readonly Lazy<string> _output;

        public Published() => _output = new Lazy<string>(Publish);

        public string Folder { get; } = TestEnvironment.NewFolder();

        public string Output => _output.Value;

        public string Run(bool mustSucceed, params string[] arguments) => Run(mustSucceed, TestEnvironment.LibTorchFolder, arguments);

        public string Run(bool mustSucceed, string libtorch, string[] arguments) => Dotnet.RunProgram(
            Path.Combine(Output, "VaPi.GpuCheck"), Folder, mustSucceed, arguments, new Dictionary<string, string> { ["VAPI_LIBTORCH"] = libtorch, ["OMP_NUM_THREADS"] = "1" });

        public void Dispose() => Directory.Delete(Folder, recursive: true);

        private string Publish()
        {
            string output = Path.Combine(Folder, "published");
            Dotnet.Build(
                TestEnvironment.RepositoryRoot, mustSucceed: true,
                "publish", "benchmarks/VaPi.GpuCheck", "-c", TestEnvironment.Configuration, "-r", "linux-x64", "-o", output, "-p:BuildProjectReferences=false", "-p:RunAnalyzers=false");
            return output;
        }
    }
}
