using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Machine;

/// <summary>The memory that a process of its own has taken at most.</summary>
internal static class PeakMemory
{
    /// <summary>
    /// On a GPU what is taken of the card, since libtorch keeps what it once took; by all processes, so the card must be otherwise
    /// unused. On the CPU the process's largest size. Null if it cannot be told.
    /// </summary>
    public static long? Bytes(Device device) => device.type == DeviceType.CUDA ? CudaDriver.Memory()?.Used : OfProcess();

    private static long? OfProcess()
    {
        const string Status = "/proc/self/status";
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        string? number = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault(part => char.IsAsciiDigit(part[0]));
        return number is null ? null : long.Parse(number, CultureInfo.InvariantCulture) << 10;
    }
}
