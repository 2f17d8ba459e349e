using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace VaPi.Native;

/// <summary>
/// Loads an installation's libraries into the process. The system's loader knows a library by its name from then on, so that
/// TorchSharp's own native library, loaded later, finds these.
/// </summary>
internal static partial class LibTorchLoader
{
    private const int MostNamed = 8;
    private const int MostDependencies = 64;

    // What others stand on first. Only torch_cpu is in all of them.
    private static readonly string[] s_order = ["torch_global_deps", "c10", "c10_cuda", "torch_cpu", "torch_cuda", "torch"];

    /// <summary>Loads an installation, and looks whether it has everything that TorchSharp's native library uses.</summary>
    /// <param name="installation">What to load.</param>
    /// <param name="anyVersion">Whether it may lack something.</param>
    /// <returns>The installation with what it lacks.</returns>
    /// <exception cref="LibTorchException">A library cannot be loaded, or lacks something and may not.</exception>
    public static LibTorchInstallation Load(LibTorchInstallation installation, bool anyVersion)
    {
        nint last = 0;
        foreach (string file in s_order.Select(NativeFiles.Name))
        {
            string path = Path.Combine(installation.Folder, file);
            if (File.Exists(path))
                last = Load(path, installation, []);
        }

        if (NativeFiles.OfProgram(NativeFiles.TorchSharp) is not { } torchSharp)
            return installation;
        IReadOnlyList<string> missing = Missing(File.ReadAllBytes(torchSharp), last);
        return missing.Count == 0 || anyVersion ? installation with { Missing = missing } : throw Lacking(missing, installation);
    }

    /// <summary>libtorch's names that TorchSharp's native library uses and the loaded libraries do not have.</summary>
    /// <param name="torchSharp">TorchSharp's native library.</param>
    /// <param name="libtorch">The library that brings the others.</param>
    public static IReadOnlyList<string> Missing(ReadOnlySpan<byte> torchSharp, nint libtorch)
    {
        var missing = new List<string>();
        foreach (string symbol in ElfSymbols.Undefined(torchSharp))
        {
            // Other names are the C and C++ libraries', which the loader checks with their versions.
            if (OfLibTorch().IsMatch(symbol) && !NativeLibrary.TryGetExport(libtorch, symbol, out _))
                missing.Add(symbol);
        }

        return missing;
    }

    private static LibTorchException Lacking(IReadOnlyList<string> missing, LibTorchInstallation installation)
    {
        string more = missing.Count > MostNamed ? $", and {missing.Count - MostNamed} more" : "";
        return new LibTorchException(
            $"The libtorch in '{installation.Folder}' ({Named(installation)}) lacks {missing.Count} of the functions that TorchSharp uses: {string.Join(", ", missing.Take(MostNamed))}{more}. TorchSharp was built for libtorch {LibTorch.BuiltFor}; use that version (pip install torch=={LibTorch.BuiltFor}).");
    }

    private static nint Load(string path, LibTorchInstallation installation, HashSet<string> tried)
    {
        while (true)
        {
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                // pip's NVIDIA packages may lie where the library's own search path does not lead.
                string? dependency = Dependency().Match(error.Message) is { Success: true } match ? match.Groups["file"].Value : null;
                string? found = dependency is null || tried.Count >= MostDependencies || !tried.Add(dependency)
                    ? null
                    : NvidiaFolders(installation.Folder).Select(folder => Path.Combine(folder, dependency)).FirstOrDefault(File.Exists);
                if (found is null)
                    throw NotLoaded(path, dependency, installation, error);
                _ = Load(found, installation, tried);
            }
        }
    }

    private static LibTorchException NotLoaded(string path, string? dependency, LibTorchInstallation installation, Exception error)
    {
        if (dependency is null)
            return new LibTorchException($"'{path}' cannot be loaded: {error.Message.Trim().TrimEnd('.')}. Install PyTorch again, or name another folder.", error);
        return new LibTorchException(
            $"'{path}' needs {dependency}, which is not on this machine where it can be found ({Named(installation)}). If it is one of NVIDIA's, pip install torch brings it to site-packages/nvidia; else install it, or add its folder to LD_LIBRARY_PATH.",
            error);
    }

    private static IEnumerable<string> NvidiaFolders(string folder)
    {
        // …/site-packages/torch/lib to …/site-packages/nvidia/cublas/lib and its like.
        string nvidia = Path.GetFullPath(Path.Combine(folder, "..", "..", "nvidia"));
        return Directory.Exists(nvidia) ? Directory.GetDirectories(nvidia).Order(StringComparer.Ordinal).Select(package => Path.Combine(package, "lib")) : [];
    }

    private static string Named(LibTorchInstallation installation) => installation.Version is { } version ? $"version {version}" : "of unknown version";

    [GeneratedRegex(@"(?<file>[^\s:'/]+\.so[^\s:'/]*): cannot open shared object file")]
    private static partial Regex Dependency();

    [GeneratedRegex("(2at|3c10|5torch|6caffe2)")]
    private static partial Regex OfLibTorch();
}
