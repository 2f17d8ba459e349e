using BenchmarkDotNet.Attributes;
using VaPi.Generation;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>Drawing one token for each of 64 rows of logits over the published vocabulary.</summary>
public class SamplingBenchmarks : IDisposable
{
    private static readonly GenerationOptions Free = new();
    private static readonly GenerationOptions TopK = new() { TopK = 2000 };
    private static readonly GenerationOptions TopP = new() { TopP = 0.95 };

    private readonly Tensor _logits = randn(64, 16384);

    [Benchmark(Baseline = true, Description = "sampling")]
    public void All() => Draw(Free);

    [Benchmark(Description = "sampling, top-k 2000")]
    public void AmongTopK() => Draw(TopK);

    [Benchmark(Description = "sampling, top-p 0.95")]
    public void AmongTopP() => Draw(TopP);

    [GlobalCleanup]
    public void Dispose()
    {
        _logits.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Draw(GenerationOptions options) => TokenSampling.Next(_logits, options, position: 0).Dispose();
}
