using System.Reflection;

namespace VaPi.Native;

/// <summary>The native library that reads images.</summary>
internal static class SkiaSharpLibrary
{
    /// <summary>Called when SkiaSharp asks for it and there is none, which on Linux means that the program lacks a package.</summary>
    public static nint Explain(Assembly asker, string library) =>
        library.Contains("libSkiaSharp", StringComparison.Ordinal) && asker.GetName().Name == "SkiaSharp" && OperatingSystem.IsLinux()
            ? throw new DllNotFoundException(
                $"The program has no libSkiaSharp, which reads images. Add the package SkiaSharp.NativeAssets.Linux.NoDependencies {Version}, or SkiaSharp.NativeAssets.Linux where fontconfig is installed.")
            : 0;

    private static string Version =>
        typeof(SkiaSharpLibrary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "SkiaSharpVersion").Value!;
}
