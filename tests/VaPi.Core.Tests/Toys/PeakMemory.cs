namespace VaPi.Tests.Toys;

/// <summary>The process's resident memory.</summary>
internal static class PeakMemory
{
    /// <summary>By how many bytes it grew at most while an action ran.</summary>
    public static double GrowthDuring(Action action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Environment.WorkingSet;
        long highest = before;
        using var ended = new ManualResetEventSlim();
        var watcher = new Thread(() =>
        {
            do
                highest = Math.Max(highest, Environment.WorkingSet);
            while (!ended.Wait(1));
        });
        watcher.Start();
        action();
        ended.Set();
        watcher.Join();
        return highest - before;
    }
}
