using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.TokenCost;

/// <summary>
/// What a token costs while an image is generated: with the key/value cache, quarter by quarter of the sequence, and without
/// it, where every token takes a forward pass over all positions so far.
/// </summary>
internal static class TokenCostCommand
{
    private const int Repetitions = 3;
    private const int Quarters = 4;

    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1 || (arguments.Count == 1 && !int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine("usage: VaPi.Benchmarks tokens [GRID]    GRID: rows and columns of tokens (default: 16, 256 px)");
            return 64;
        }

        int grid = arguments.Count == 1 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 16;
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(LlamaGenConfiguration.Of(LlamaGenSize.B, grid));
        using var condition = new ClassCondition([1]);
        Console.WriteLine($"GPT-B, random weights, {policy.TokenCount} tokens, one image, {get_num_threads()} threads; milliseconds a token, median of {Repetitions}");
        var runs = Enumerable.Range(0, Repetitions + 1).Select(_ => Generated(policy, condition)).Skip(1).ToList(); // the first warms up
        for (int quarter = 0; quarter < Quarters; quarter++)
        {
            int first = quarter * policy.TokenCount / Quarters;
            int last = (quarter + 1) * policy.TokenCount / Quarters;
            Console.WriteLine(Line($"tokens {first} to {last - 1}, with the cache", Median(runs.Select(run => run[first..last].Average()))));
        }

        using (LlamaGenPolicy shorter = LlamaGenPolicy.Create(LlamaGenConfiguration.Of(LlamaGenSize.B, grid / 2)))
            Console.WriteLine(Line($"token {shorter.TokenCount - 1}, without the cache", Median(Enumerable.Range(0, Repetitions + 1).Select(_ => Forward(shorter, condition)).Skip(1))));
        Console.WriteLine(Line($"token {policy.TokenCount - 1}, without the cache", Median(Enumerable.Range(0, Repetitions + 1).Select(_ => Forward(policy, condition)).Skip(1))));
        return 0;
    }

    private static double[] Generated(LlamaGenPolicy policy, ClassCondition condition)
    {
        var clock = new Laps(policy.TokenCount);
        policy.Generate(condition, new GenerationOptions { Progress = clock }).Dispose();
        return clock.Milliseconds;
    }

    private static double Forward(LlamaGenPolicy policy, ClassCondition condition)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = zeros([1, policy.TokenCount], ScalarType.Int64);
        long started = Stopwatch.GetTimestamp();
        policy.Head(policy.Features(condition, tokens, PolicyMode.Evaluation).narrow(1, policy.TokenCount - 1, 1));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Line(string what, double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{what,-40} {milliseconds,8:F1}");

    private sealed class Laps(int tokens) : IProgress<int>
    {
        private long _last = Stopwatch.GetTimestamp();

        public double[] Milliseconds { get; } = new double[tokens];

        public void Report(int value)
        {
            long now = Stopwatch.GetTimestamp();
            Milliseconds[value - 1] = Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds;
            _last = now;
        }
    }
}
