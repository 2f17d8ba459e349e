using System.Globalization;

namespace LlamaGen.Memory;

/// <summary>The memory that this process can still get.</summary>
internal static class MachineMemory
{
    private const string Status = "/proc/meminfo";
    private const string Available = "MemAvailable:";

    /// <summary>In bytes: what the system says is free or can be freed, and no more than a container's limit.</summary>
    public static long AvailableBytes()
    {
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Available, StringComparison.Ordinal)) : null;
        return line is null ? limit : Math.Min(limit, KiloBytes(line) * 1024);
    }

    // As in "MemAvailable:   22369416 kB".
    private static long KiloBytes(string line) =>
        long.Parse(line.AsSpan(Available.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
}
