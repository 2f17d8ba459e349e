using System.Diagnostics;
using VaPi.Alignment;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.RunCheck;

/// <summary>A long run with a checkpoint every few rollouts, in which nothing may grow.</summary>
internal static class SoakCheck
{
    private const int CheckpointEvery = 5;
    private const double Megabyte = 1 << 20;
    private const int Parts = 4;

    /// <param name="folder">A new folder for the run.</param>
    /// <param name="rollouts">The rollouts to make.</param>
    /// <param name="megabytes">
    /// What resident memory may grow by after the first half: a fresh process grows while the runtime compiles what is called often.
    /// </param>
    /// <param name="percent">How long a step may take in the last part, in per cent of the second: a busy machine is slower now and then.</param>
    public static bool Run(string folder, int rollouts, int megabytes, int percent)
    {
        using var world = new ToyWorld(dropout: 0.1, images: 40);
        // The run is longer than what is measured: at its end nothing is read ahead any more.
        using AlignmentTrainer trainer = ToyRun.Builder(world, rollouts + 10).WithRunFolder(folder, run => run.CheckpointEvery = CheckpointEvery).Build();
        var readings = new List<(long Tensors, double Resident, double Milliseconds)>();
        var times = new List<double>();
        Console.WriteLine($"{"rollouts",10} {"tensors",10} {"memory, MB",12} {"a step, ms",12}");
        for (int done = 1; done <= rollouts; done++)
        {
            long began = Stopwatch.GetTimestamp();
            trainer.Step();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (done % (rollouts / Parts) != 0)
                continue;
            PeakMemory.ReleaseFreed();
            times.Sort();
            readings.Add((Tensor.TotalCount, Environment.WorkingSet / Megabyte, times[times.Count / 2]));
            Console.WriteLine($"{done,10} {readings[^1].Tensors,10} {readings[^1].Resident,12:F1} {readings[^1].Milliseconds,12:F2}");
            times.Clear();
        }

        var (first, last) = (readings[1], readings[^1]);
        bool steady = last.Tensors == first.Tensors && last.Resident - first.Resident <= megabytes && last.Milliseconds <= percent / 100.0 * first.Milliseconds;
        Console.WriteLine($"from the second part to the last: {last.Tensors - first.Tensors} tensors, {last.Resident - first.Resident:F1} MB, a step {last.Milliseconds / first.Milliseconds:F2} times as long: {(steady ? "steady" : "growing")}");
        return steady;
    }
}
