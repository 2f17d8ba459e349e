using System.Globalization;
using System.Runtime.InteropServices;

namespace VaPi.Tests.Toys;

/// <summary>The process's resident memory.</summary>
internal static class PeakMemory
{
    private const long Negligible = 1_000_000;
    private const string Reset = "/proc/self/clear_refs";
    private const string Status = "/proc/self/status";
    private const string Largest = "VmHWM:";

    /// <summary>Whether the system itself keeps the largest size, so that nothing is missed, and takes freed memory back.</summary>
    public static bool IsExact { get; } = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "mallinfo2", out _) && File.Exists(Reset);

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
        // What an earlier test left to finalizers and to threads that were about to end goes bit by bit.
        long before;
        do
        {
            before = Environment.WorkingSet;
            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (IsExact)
                _ = Trim(0);
            Thread.Sleep(20);
        }
        while (Environment.WorkingSet < before - Negligible);
    }

    /// <summary>
    /// What native code has allocated and not freed, by the allocator's own count: resident memory has besides what each thread's
    /// heap keeps for later, which would be used again unseen.
    /// </summary>
    public static long Allocated()
    {
        ReleaseFreed();
        AllocatorCounts counts = Count();
        return (long)(counts.InHeaps + counts.InMappings);
    }

    private static long Kept(Action action)
    {
        using (var reset = new FileStream(Reset, FileMode.Open, FileAccess.Write))
            reset.Write("5"u8); // forgets the largest size so far
        action();
        return Told(Largest);
    }

    private static long Told(string name)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(name.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
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

    [DllImport("libc.so.6", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern AllocatorCounts Count();

    // glibc's struct mallinfo2: ten numbers, of which two are wanted.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct AllocatorCounts
    {
        private readonly nuint _arena;
        private readonly nuint _freeChunks;
        private readonly nuint _fastChunks;
        private readonly nuint _mappings;
        public readonly nuint InMappings;
        private readonly nuint _unused;
        private readonly nuint _inFastChunks;
        public readonly nuint InHeaps;
        private readonly nuint _free;
        private readonly nuint _releasable;
    }
}
