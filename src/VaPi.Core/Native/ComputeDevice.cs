using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Native;

/// <summary>Devices by name, with errors that say what is missing.</summary>
public static class ComputeDevice
{
    /// <summary>The device of a name that a user gave.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c> for the first GPU, or <c>cuda:1</c> and so on for another.</param>
    /// <returns>The device, which is there.</returns>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="LibTorchException">libtorch has no CUDA, CUDA does not work on this machine, or there is no such GPU.</exception>
    public static Device Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "cpu")
            return CPU;
        if (CudaIndex(name) is not { } index)
            throw new ArgumentException($"The device is '{name}'; it must be 'cpu', 'cuda', or 'cuda:' and a number, such as 'cuda:1'.");
        if (!cuda.is_available())
            throw new LibTorchException(NoCuda(name));
        int count = cuda.device_count();
        return index < count
            ? new Device(DeviceType.CUDA, index)
            : throw new LibTorchException($"The device is '{name}', but there {(count == 1 ? "is one GPU, 'cuda:0'" : $"are {count} GPUs, 'cuda:0' to 'cuda:{count - 1}'")}. Name one of these, or make more visible (CUDA_VISIBLE_DEVICES).");
    }

    /// <summary>Whether a text is the name of a device, whether or not that is there. Does not look for any.</summary>
    public static bool IsName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text == "cpu" || CudaIndex(text) is not null;
    }

    /// <summary>Whether two devices are the same one; a GPU without a number is the first.</summary>
    internal static bool AreSame(Device left, Device right) =>
        left.type == right.type && Math.Max(0, left.index) == Math.Max(0, right.index);

    private static int? CudaIndex(string name)
    {
        const string Numbered = "cuda:";
        if (name == "cuda")
            return 0;
        return name.StartsWith(Numbered, StringComparison.Ordinal) && int.TryParse(name.AsSpan(Numbered.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
    }

    private static string NoCuda(string name)
    {
        string? loaded = NativeFiles.Loaded(NativeFiles.Cpu);
        string? folder = Path.GetDirectoryName(loaded);
        bool hasCuda = folder is not null && File.Exists(Path.Combine(folder, NativeFiles.Cuda));
        return hasCuda
            ? $"The device is '{name}', and libtorch in '{folder}' has CUDA, but it finds no GPU that it can use. Check the driver (nvidia-smi lists the GPUs), that it is new enough for that CUDA, and CUDA_VISIBLE_DEVICES."
            : $"The device is '{name}', but libtorch in '{folder}' is for the CPU only. Use the package TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of libtorch-cpu, or no package and {LibTorch.FolderVariable} set to the folder torch/lib of a PyTorch {LibTorch.BuiltFor.Major}.{LibTorch.BuiltFor.Minor} for CUDA.";
    }
}
