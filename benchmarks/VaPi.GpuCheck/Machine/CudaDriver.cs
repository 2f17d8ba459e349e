using System.Runtime.InteropServices;
using System.Text;

namespace VaPi.GpuCheck.Machine;

/// <summary>What the NVIDIA driver tells of the card that the calling thread computes on; TorchSharp has none of it.</summary>
internal static class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int LongestName = 256;

    /// <summary>The card's name, such as NVIDIA H100 80GB HBM3; null if it cannot be told.</summary>
    /// <param name="index">0 for the first card that is visible.</param>
    public static string? Name(int index)
    {
        try
        {
            var name = new byte[LongestName];
            return GetDevice(out int device, index) == 0 && GetName(name, name.Length, device) == 0
                ? Encoding.ASCII.GetString(name.AsSpan(0, Math.Max(0, Array.IndexOf(name, (byte)0))))
                : null;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The bytes of the card that are taken, by all processes together; null if it cannot be told.</summary>
    public static (long Used, long Total)? Memory()
    {
        try
        {
            return GetMemory(out nuint free, out nuint total) == 0 ? ((long)(total - free), (long)total) : null;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [DllImport(Library, EntryPoint = "cuDeviceGet")]
    private static extern int GetDevice(out int device, int ordinal);

    [DllImport(Library, EntryPoint = "cuDeviceGetName")]
    private static extern int GetName([Out] byte[] name, int length, int device);

    [DllImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    private static extern int GetMemory(out nuint free, out nuint total);
}
