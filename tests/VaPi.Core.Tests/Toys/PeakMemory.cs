using System.Globalization;
using System.Runtime.InteropServices;

namespace VaPi.Tests.Toys;

/// <summary>The process's resident memory.</summary>
internal static class PeakMemory
{
    private const string Reset = "/proc/self/clear_refs";
    private const string Status = "/proc/self/status";
    private const string Largest = "VmHWM:";

    /// <summary>Whether the system itself keeps the largest size, so that nothing is missed, and takes freed memory back.</summary>
    public static bool IsExact { get; } = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out _) && File.Exists(Reset);

    /// <summary>By how many bytes it grew at most while an action ran.</summary>
    public static double GrowthDuring(Action action)
    {
        ReleaseFreed(); // what earlier tests left free would otherwise be used again, unseen
        long before = Environment.WorkingSet;
        return (IsExact ? Kept(action) : Watched(action)) - before;
    }

    /// <summary>Gives memory that was freed back to the system, as far as that can be asked for.</summary>
    public static void ReleaseFreed()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (IsExact)
            _ = Trim(0);
    }

    private static long Kept(Action action)
    {
        using (var reset = new FileStream(Reset, FileMode.Open, FileAccess.Write))
            reset.Write("5"u8); // forgets the largest size so far
        action();
        string line = File.ReadLines(Status).First(line => line.StartsWith(Largest, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(Largest.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }

    private static long Watched(Action action)
    {
        long highest = 0;
        using var ended = new ManualResetEventSlim();
        var watcher = new Thread(() =>
        {
            do
                highest = Math.Max(highest, Environment.WorkingSet);
            while (!ended.Wait(1));
        });
        watcher.Start();
        action();
        long after = Environment.WorkingSet;
        ended.Set();
        watcher.Join();
        return Math.Max(highest, after);
    }

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Trim(nuint kept);
}
