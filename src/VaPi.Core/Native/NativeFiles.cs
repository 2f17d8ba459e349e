using System.Diagnostics;

namespace VaPi.Native;

/// <summary>What libtorch's files are called on this system, and where the running program would find its own.</summary>
internal static class NativeFiles
{
    /// <summary>The library that every libtorch has.</summary>
    public static string Cpu => Name("torch_cpu");

    /// <summary>The library that a libtorch for CUDA has too.</summary>
    public static string Cuda => Name("torch_cuda");

    /// <summary>TorchSharp's own native library, which stands on libtorch.</summary>
    public static string TorchSharp => Name("LibTorchSharp");

    /// <summary>The file of a library: lib….so, ….dll, lib….dylib.</summary>
    public static string Name(string library) =>
        OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>A native file among the program's own, where .NET looks first; null if the program has none.</summary>
    public static string? OfProgram(string file)
    {
        string? folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string;
        return (folders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Select(folder => Path.GetFullPath(Path.Combine(folder, file)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Where a library of this process was loaded from; null if it is not loaded.</summary>
    public static string? Loaded(string file)
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                // Debian's libraries have their version after the name.
                string name = Path.GetFileName(module.FileName ?? "");
                if (name.Equals(file, StringComparison.OrdinalIgnoreCase) || name.StartsWith(file + ".", StringComparison.Ordinal))
                    return module.FileName;
            }
        }

        return null;
    }
}
