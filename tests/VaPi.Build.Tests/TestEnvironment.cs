using System.Reflection;

namespace VaPi.Build.Tests;

/// <summary>Where things are: told by the build that made this assembly.</summary>
internal static class TestEnvironment
{
    public static string RepositoryRoot => Metadata("RepositoryRoot");

    public static string Configuration => Metadata("Configuration");

    public static string PackageCache => Metadata("PackageCache");

    public static string TorchSharpVersion => Metadata("TorchSharpVersion");

    public static string SkiaSharpVersion => Metadata("SkiaSharpVersion");

    public static string LibTorchVersion => Metadata("LibTorchVersion");

    /// <summary>TorchSharp's library for linux-x64 as its package has it; there on every machine that restored.</summary>
    public static string OriginalLibrary { get; } = Path.Combine(
        PackageCache, "torchsharp", TorchSharpVersion, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    /// <summary>libtorch's libraries as the CPU package for linux-x64 has them; there where that is the backend.</summary>
    public static string LibTorchFolder { get; } = Path.Combine(
        PackageCache, "libtorch-cpu-linux-x64", LibTorchVersion, "runtimes", "linux-x64", "native");

    /// <summary>A new empty folder outside the source tree.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("vapi-build-tests-").FullName;

    private static string Metadata(string key) =>
        typeof(TestEnvironment).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
