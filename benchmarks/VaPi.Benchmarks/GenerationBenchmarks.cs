using BenchmarkDotNet.Attributes;
using VaPi.Generation;
using VaPi.Models.LlamaGen;

namespace VaPi.Benchmarks;

/// <summary>Free generation of four images of 64 tokens with the key/value cache.</summary>
public class GenerationBenchmarks : IDisposable
{
    private readonly ClassCondition _condition = Sizes.Labels(Sizes.Images);
    private readonly LlamaGenPolicy _policy = LlamaGenPolicy.Create(Sizes.Policy);

    [Benchmark(Baseline = true, Description = "generation")]
    public void Unguided() => Generate(guidance: 1);

    [Benchmark(Description = "generation, guidance 2")]
    public void Guided() => Generate(guidance: 2);

    [GlobalCleanup]
    public void Dispose()
    {
        _policy.Dispose();
        _condition.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Generate(double guidance) => _policy.Generate(_condition, new GenerationOptions { Guidance = guidance }).Dispose();
}
