using System.Globalization;

namespace VaPi.Benchmarks.Step;

/// <summary>This process's resident memory as Linux counts it; elsewhere nothing is known.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status";
    private const string ClearReferences = "/proc/self/clear_refs";
    private const string ResetPeak = "5";

    /// <returns>The bytes by which an action raises resident memory at its peak; 0 where that cannot be known.</returns>
    public static long Growth(Action action)
    {
        if (!File.Exists(ClearReferences))
        {
            action();
            return 0;
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        File.WriteAllText(ClearReferences, ResetPeak);
        long before = Bytes("VmRSS:");
        action();
        return Bytes("VmHWM:") - before;
    }

    // As in "VmHWM:   123456 kB".
    private static long Bytes(string name)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
