using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Machine;

/// <summary>The memory that a process of its own takes at most, from when this is made.</summary>
internal sealed class PeakMemory
{
    private readonly Device _device;
    private readonly long? _takenBefore;

    public PeakMemory(Device device)
    {
        _device = device;
        if (device.type != DeviceType.CUDA)
            return;
        using (zeros(1, device: device))
            _takenBefore = CudaDriver.Memory()?.Used; // the tensor has had CUDA take what it takes for itself
    }

    /// <summary>
    /// On a GPU what more is taken of the card, since libtorch keeps what it once took; nothing else may use the card meanwhile. On the
    /// CPU the process's largest size. Null if it cannot be told.
    /// </summary>
    public long? Bytes => _device.type == DeviceType.CUDA ? CudaDriver.Memory()?.Used - _takenBefore : OfProcess();

    private static long? OfProcess()
    {
        const string Status = "/proc/self/status";
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        string? number = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault(part => char.IsAsciiDigit(part[0]));
        return number is null ? null : long.Parse(number, CultureInfo.InvariantCulture) << 10;
    }
}
