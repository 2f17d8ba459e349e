using System.Text.Json;
using Xunit;

namespace VaPi.Build.Tests;

public sealed class BackendChoiceTests
{
    private static readonly string[] s_cudaPackages = ["TorchSharp-cuda-windows", "TorchSharp-cuda-linux"];

    [Theory]
    [InlineData("cuda-windows", "TorchSharp-cuda-windows")]
    [InlineData("cuda-linux", "TorchSharp-cuda-linux")]
    public void A_cuda_backend_takes_the_place_of_the_cpu_one_at_TorchSharps_pinned_version(string backend, string package)
    {
        var items = Evaluate("samples/QuickStart", backend);

        Assert.Equal("0.107.0", Version(items, "PackageReference", package, "VersionOverride"));
        Assert.Equal("0.107.0", Version(items, "PackageVersion", package, "Version"));
        Assert.Equal("0.107.0", Version(items, "PackageVersion", "TorchSharp", "Version"));
        Assert.DoesNotContain(References(items), r => r.StartsWith("libtorch-cpu", StringComparison.OrdinalIgnoreCase));
        Assert.Single(References(items), r => s_cudaPackages.Contains(r));
    }

    [Fact]
    public void By_default_a_program_takes_this_machines_cpu_package_and_no_other()
    {
        string runtime = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
        var items = Evaluate("samples/QuickStart", backend: null);

        Assert.Equal(["libtorch-cpu-" + runtime], References(items).Where(r => r.StartsWith("libtorch", StringComparison.Ordinal)));
        Assert.Equal("2.10.0", Version(items, "PackageReference", "libtorch-cpu-" + runtime, "VersionOverride"));
        Assert.DoesNotContain(References(items), r => s_cudaPackages.Contains(r));
    }

    [Fact]
    public void None_takes_no_native_package_but_that_of_the_images()
    {
        var items = Evaluate("samples/QuickStart", "none");

        Assert.DoesNotContain(References(items), r => s_cudaPackages.Contains(r) || r.StartsWith("libtorch", StringComparison.Ordinal));
        Assert.Equal(OperatingSystem.IsLinux(), References(items).Contains("SkiaSharp.NativeAssets.Linux.NoDependencies"));
    }

    [Fact]
    public void A_library_takes_no_backend() =>
        Assert.DoesNotContain(
            References(Evaluate("src/VaPi.Core", "cuda-linux")),
            r => r.Contains("cuda", StringComparison.Ordinal) || r.StartsWith("libtorch", StringComparison.Ordinal));

    [Fact]
    public void An_unknown_backend_is_an_error_that_names_the_property_the_value_and_the_choices()
    {
        string output = Dotnet.Build(
            TestEnvironment.RepositoryRoot, mustSucceed: false, "msbuild", "samples/QuickStart", "-t:VaPiCheckBackend", "-p:VaPiBackend=rocm");

        Assert.Contains("error VAPI0003", output, StringComparison.Ordinal);
        Assert.Contains("VaPiBackend is 'rocm'", output, StringComparison.Ordinal);
        Assert.Contains("'cpu' (default), 'cuda-windows', 'cuda-linux' or 'none'", output, StringComparison.Ordinal);
    }

    private static JsonElement Evaluate(string project, string? backend)
    {
        string[] choice = backend is null ? [] : ["-p:VaPiBackend=" + backend];
        string output = Dotnet.Run(
            TestEnvironment.RepositoryRoot, mustSucceed: true,
            ["msbuild", project, "-getItem:PackageReference", "-getItem:PackageVersion", .. choice]);
        using var document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("Items").Clone();
    }

    private static IEnumerable<string> References(JsonElement items) =>
        items.GetProperty("PackageReference").EnumerateArray().Select(i => i.GetProperty("Identity").GetString()!);

    private static string? Version(JsonElement items, string kind, string package, string metadata) =>
        items.GetProperty(kind).EnumerateArray().Single(i => i.GetProperty("Identity").GetString() == package)
            .GetProperty(metadata).GetString();
}
