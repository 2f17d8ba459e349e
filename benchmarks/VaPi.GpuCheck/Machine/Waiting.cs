using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Machine;

/// <summary>Takes times of work that a GPU does after the host has asked for it.</summary>
internal static class Waiting
{
    /// <summary>The seconds that work takes, to its end on the device.</summary>
    public static double Seconds(Device device, Action work)
    {
        For(device);
        long start = Stopwatch.GetTimestamp();
        work();
        For(device);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void For(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }
}
