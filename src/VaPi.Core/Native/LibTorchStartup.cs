using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace VaPi.Native;

/// <summary>What happens when the first of VaPi's types is used: the environment's choice is followed, before TorchSharp loads its own.</summary>
internal static class LibTorchStartup
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp loads libtorch when it is first touched; nothing later is early enough. Without the variable it costs one look at the environment.")]
    internal static void Start()
    {
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += Explain;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += SkiaSharpLibrary.Explain;
        _ = LibTorch.UseFromEnvironment();
    }

    /// <summary>Called when TorchSharp asks for libtorch and there is none: its error then says what VaPi's users can do.</summary>
    private static nint Explain(Assembly asker, string library) =>
        library == "torch_cpu" && asker.GetName().Name == "TorchSharp"
            ? throw new LibTorchException(LibTorch.InUse is { } inUse ? NotFound(inUse) : NoBackend)
            : 0;

    private static string NotFound(LibTorchInstallation inUse) =>
        $"The libtorch in '{inUse.Folder}' is loaded, but its {NativeFiles.Cpu} has another name in itself, so TorchSharp does not find it. Use PyTorch {LibTorch.BuiltFor} as pip installs it.";

    /// <summary>What to do where there is no libtorch.</summary>
    private static string NoBackend =>
        $"The program has no libtorch. Add the package libtorch-cpu-linux-x64, libtorch-cpu-win-x64 or libtorch-cpu-osx-arm64 {LibTorch.BuiltFor}, or TorchSharp-cuda-linux or TorchSharp-cuda-windows for CUDA; or set {LibTorch.FolderVariable} to the folder torch/lib of an installed PyTorch {LibTorch.BuiltFor.Major}.{LibTorch.BuiltFor.Minor}.";
}
