using System.Diagnostics;
using VaPi.Alignment.Runs;

namespace VaPi.RunCheck;

/// <summary>
/// Kills runs at random moments, some of them while they write a checkpoint, until they are through, and compares what is left
/// byte for byte with a run that was never stopped.
/// </summary>
/// <param name="folder">A new folder for both runs.</param>
/// <param name="rollouts">The rollouts of a run.</param>
/// <param name="seed">Decides when runs are killed, as far as the clock lets it.</param>
internal sealed class KillCheck(string folder, int rollouts, int seed)
{
    private const int WriteDelay = 60;

    // A checkpoint has four files, and is renamed.
    private const int DelaysOfCheckpoint = 5;

    private readonly string _whole = Path.Combine(folder, "never-stopped");
    private readonly string _killed = Path.Combine(folder, "killed");
    private readonly HashSet<string> _halfWritten = [];
    private readonly Random _random = new(seed);

    public bool Run(int kills, int duringWrites)
    {
        var watch = Stopwatch.StartNew();
        Finish(_whole);
        int[] writes = [.. Enumerable.Range(0, kills).OrderBy(_ => _random.Next()).Take(duringWrites)];
        int halfWritten = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            bool inWrite = writes.Contains(kill);
            using var child = new ChildRun(_killed, rollouts, inWrite ? WriteDelay : 0);
            if (!(inWrite ? WaitForWrite(child) : WaitForStep(child, (3 * rollouts / 2 / kills) + 2)) || !child.Kill())
            {
                Console.WriteLine($"The run of {rollouts} rollouts was through after {kill} kills; give it more rollouts.");
                return false;
            }

            // One that an earlier process left is still there if this one was killed before it cleaned up.
            bool half = Directory.Exists(Checkpoints) && Directory.EnumerateDirectories(Checkpoints, ".writing-*").Any(_halfWritten.Add);
            halfWritten += half ? 1 : 0;
            Console.WriteLine($"kill {kill + 1}{(half ? ", a checkpoint half written" : "")}: {Lines()} lines of metrics");
        }

        Finish(_killed);
        List<string> differences = [.. Differences()];
        differences.ForEach(Console.WriteLine);
        Console.WriteLine($"{kills} kills, {halfWritten} of them while a checkpoint was being written: {(differences.Count == 0 ? "the same" : "another")} run, {watch.Elapsed.TotalSeconds:F0} s");
        return differences.Count == 0 && halfWritten >= duringWrites;
    }

    private string Checkpoints => Path.Combine(_killed, "checkpoints");

    private string Metrics => Path.Combine(_killed, "metrics.jsonl");

    private int Lines() => File.Exists(Metrics) ? File.ReadLines(Metrics).Count() : 0;

    private void Finish(string run)
    {
        using var child = new ChildRun(run, rollouts, writeDelay: 0);
        child.Finish();
    }

    // Anywhere in the life of a process: before its first step, too.
    private bool WaitForStep(ChildRun child, int most)
    {
        int steps = _random.Next(most + 1);
        if (steps == 0)
            Thread.Sleep(_random.Next(500));
        else if (child.WaitFor(ToyRun.Stepped, steps) is null)
            return false;
        Thread.Sleep(_random.Next(20));
        return true;
    }

    private bool WaitForWrite(ChildRun child)
    {
        // Of one of the first three checkpoints, somewhere within a delay, but not so late that it may be over.
        if (child.WaitFor(ToyRun.Writing, 1 + _random.Next(3 * DelaysOfCheckpoint)) is not { } line)
            return false;
        Thread.Sleep(_random.Next(WriteDelay / 2));
        return line.Length > 0;
    }

    private IEnumerable<string> Differences()
    {
        foreach (string file in (string[])["metrics.jsonl", .. Directory.EnumerateDirectories(Path.Combine(_whole, "checkpoints")).SelectMany(Directory.EnumerateFiles).Select(path => Path.GetRelativePath(_whole, path))])
        {
            if (!File.Exists(Path.Combine(_killed, file)))
                yield return $"{file} is missing";
            else if (!File.ReadAllBytes(Path.Combine(_whole, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_killed, file))))
                yield return $"{file} differs";
        }

        long[] expected = [.. RunFolder.Checkpoints(_whole).Select(checkpoint => checkpoint.Step)];
        long[] kept = [.. RunFolder.Checkpoints(_killed).Select(checkpoint => checkpoint.Step)];
        if (!expected.SequenceEqual(kept))
            yield return $"checkpoints {string.Join(", ", kept)} are kept where {string.Join(", ", expected)} are";
    }
}
