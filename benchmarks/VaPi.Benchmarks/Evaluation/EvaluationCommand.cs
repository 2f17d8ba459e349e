using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Benchmarks.Evaluation;

/// <summary>
/// How long it takes to evaluate images with a small network: features, the Frechet distance, the Inception Score, precision and
/// recall against as many reference images, and PSNR and SSIM of pairs. Beside the time that passes it tells the processors',
/// which other programs on the machine hardly change.
/// </summary>
internal static class EvaluationCommand
{
    private const int Side = 64;
    private const int BatchSize = 64;
    private const int Classes = 10;

    private static readonly int[] Channels = [16, 32, 48, 64];

    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1 || (arguments.Count == 1 && !(int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int asked) && asked > 3)))
        {
            Console.Error.WriteLine("usage: VaPi.Benchmarks evaluation [IMAGES]    IMAGES: how many of 64x64 pixels, above 3 (default: 5000)");
            return 64;
        }

        int count = arguments.Count == 1 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 5000;
        using var network = new SmallNetwork();
        Console.WriteLine($"{count} images of {Side}x{Side} pixels, {Channels[^1]} features, {get_num_threads()} threads");
        (long Time, TimeSpan Processors) started = Now();
        using FeatureCollection reference = FeatureCollection.Of(network.Network, Noise(count, 1));
        Print("features of the reference", ref started);
        using FeatureCollection samples = FeatureCollection.Of(network.Network, Noise(count, 2));
        Print("features of the samples", ref started);
        EvaluationReport report = ImageEvaluation.Compare(reference, samples);
        Print("Frechet distance, precision and recall", ref started);
        double similarity = 0;
        foreach ((Tensor first, Tensor second) in Noise(count, 1).Zip(Noise(count, 2)))
        {
            using DisposeScope scope = NewDisposeScope();
            using (first)
            using (second)
                similarity += PeakSignalToNoise.Between(first, second).sum().item<double>() + StructuralSimilarity.Between(first, second).sum().item<double>();
        }

        Print("PSNR and SSIM of pairs", ref started);
        Console.WriteLine(report);
        return double.IsFinite(similarity) ? 0 : 1;
    }

    private static void Print(string what, ref (long Time, TimeSpan Processors) started)
    {
        (long Time, TimeSpan Processors) now = Now();
        double seconds = Stopwatch.GetElapsedTime(started.Time, now.Time).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {seconds,8:F1} s {(now.Processors - started.Processors).TotalSeconds,8:F1} s of processors"));
        started = now;
    }

    private static (long Time, TimeSpan Processors) Now() => (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

    private static IEnumerable<Tensor> Noise(int count, ulong seed)
    {
        using var generator = new Generator(seed, CPU);
        for (int done = 0; done < count; done += BatchSize)
            yield return rand([Math.Min(BatchSize, count - done), 3, Side, Side], generator: generator).mul_(2).sub_(1);
    }

    /// <summary>Four convolutions with averages of 2x2 between them, and a linear layer; random weights.</summary>
    private sealed class SmallNetwork : IDisposable
    {
        private readonly Tensor _classes;
        private readonly List<Tensor> _weights = [];

        public SmallNetwork()
        {
            using var generator = new Generator(3, CPU);
            long from = 3;
            foreach (int to in Channels)
            {
                _weights.Add(randn([to, from, 3, 3], generator: generator).mul_(Math.Sqrt(2.0 / (9 * from))));
                from = to;
            }

            _classes = randn([from, Classes], generator: generator);
            Network = new FeatureFunction("random network", Pooled, images => Pooled(images).matmul(_classes).softmax(1));
        }

        public FeatureFunction Network { get; }

        public void Dispose()
        {
            _classes.Dispose();
            foreach (Tensor weight in _weights)
                weight.Dispose();
        }

        // (N, 3, H, W) to (N, 64)
        private Tensor Pooled(Tensor images)
        {
            Tensor hidden = images;
            foreach (Tensor weight in _weights)
                hidden = F.avg_pool2d(F.relu(F.conv2d(hidden, weight, padding: [1, 1])), 2L);
            return hidden.mean([2, 3]);
        }
    }
}
