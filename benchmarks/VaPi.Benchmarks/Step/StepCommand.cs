using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

internal static class StepCommand
{
    public static int Run(IReadOnlyList<string> arguments)
    {
        StepOptions options = StepOptions.Parse(arguments);
        set_num_threads(options.Threads);
        using var models = new StepModels(options);
        using var rollouts = new RecordedRollouts();
        Dictionary<string, Tensor>? mine = null;
        using (AlignmentTrainer checkedTrainer = models.Trainer(rollouts, g => mine ??= g.ToDictionary(x => x.Name, x => x.Gradient.clone().DetachFromDisposeScope())))
            checkedTrainer.Step();
        using PublishedArrangement published = models.Published();
        double worst = 0;
        published.Step(rollouts.Last!, g =>
        {
            double scale = Math.Sqrt(g.Sum(x => Math.Pow(x.Gradient.norm().item<float>(), 2)));
            double diff = Math.Sqrt(g.Sum(x => Math.Pow((x.Gradient - mine![x.Name]).norm().item<float>(), 2)));
            worst = diff / scale;
        });
        Console.WriteLine($"gradients differ by {worst:E2}");
        double rate = 0;
        void Rate()
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor a = randn(2048, 2048), b = randn(2048, 2048), c = empty(2048, 2048);
            for (int i = 0; i < 8; i++)
            {
                long t = Stopwatch.GetTimestamp();
                matmul(a, b);
                rate = Math.Max(rate, 2 * Math.Pow(2048, 3) / Stopwatch.GetElapsedTime(t).TotalSeconds);
            }
        }

        Rate();
        using AlignmentTrainer trainer = models.Trainer(rollouts);
        trainer.Step();
        var ours = new List<PhaseSeconds>();
        var theirs = new List<StepSeconds>();
        int repeats = options.Repeats ?? 4;
        for (int i = 0; i < repeats; i++)
        {
            AlignmentStep step = trainer.Step();
            ours.Add(step.Seconds);
            if (options.Child != "own")
                theirs.Add(published.Step(rollouts.Last!));
        }

        Rate();
        double Med(IEnumerable<double> v) { double[] s = [.. v.Order()]; return s.Length == 0 ? 0 : s[s.Length / 2]; }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rate {rate / 1e9:F1} G/s, threads {get_num_threads()}"));
        string L(string n, params double[] v) => n.PadRight(12) + string.Join("", v.Select(x => x.ToString("F3", CultureInfo.InvariantCulture).PadLeft(9)));
        Console.WriteLine("             encode   sample   score     ref    train   update   total   (median)");
        Console.WriteLine(L("library", Med(ours.Select(x => x.Encode)), Med(ours.Select(x => x.Sample)), Med(ours.Select(x => x.Score)), 0, Med(ours.Select(x => x.Train)), Med(ours.Select(x => x.Update)), Med(ours.Select(x => x.Total))));
        Console.WriteLine(L("best", ours.Min(x => x.Encode), ours.Min(x => x.Sample), ours.Min(x => x.Score), 0, ours.Min(x => x.Train), ours.Min(x => x.Update), ours.Min(x => x.Total)));
        if (theirs.Count > 0)
            Console.WriteLine(L("published", Med(theirs.Select(x => x.Encode)), Med(theirs.Select(x => x.Sample)), Med(theirs.Select(x => x.Score)), Med(theirs.Select(x => x.Reference)), Med(theirs.Select(x => x.Train)), Med(theirs.Select(x => x.Update)), Med(theirs.Select(x => x.Total))));
        double p = StepOperations.Policy(options), vgg = options.PixelsOnly ? 0 : StepOperations.Vgg(options);
        (double e, double d) = StepOperations.Tokenizer(models.TokenizerConfiguration);
        int n = options.Images * options.GroupSize;
        double k = options.Kl ? 1 : 0;
        double[] lib = [options.Images * e, options.Images * p, n * d + (n + options.Images) * vgg, 0, 2 * options.Images * p + k * options.Images * p];
        double[] pub = [options.Images * e, options.Images * p, n * d + 2 * n * vgg, k * n * p, 3 * n * p];
        Console.WriteLine(L("lib Gop", [.. lib.Select(x => x / 1e9), 0, lib.Sum() / 1e9]));
        Console.WriteLine(L("pub Gop", [.. pub.Select(x => x / 1e9), 0, pub.Sum() / 1e9]));
        Console.WriteLine($"decode {d / 1e9:F2} vgg {vgg / 1e9:F2} Gop a sample; share library {lib.Sum() / Med(ours.Select(x => x.Total)) / rate:P1} best {lib.Sum() / ours.Min(x => x.Total) / rate:P1}");
        if (theirs.Count > 0)
        {
            Console.WriteLine($"share published {pub.Sum() / Med(theirs.Select(x => x.Total)) / rate:P1}; ratio {Med(theirs.Select(x => x.Total)) / Med(ours.Select(x => x.Total)):F2}, training {Med(theirs.Select(x => x.Training)) / Med(ours.Select(x => x.Train + x.Update)):F2}");
        }

        return 0;
    }
}
