using BenchmarkDotNet.Attributes;
using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>
/// A token of each of four images in free generation: with the key/value cache, on average over the 64 tokens, against a forward
/// pass over all positions, which the last token takes without it.
/// </summary>
public class GenerationBenchmarks : IDisposable
{
    private readonly ClassCondition _condition = Sizes.Labels(Sizes.Images);
    private readonly LlamaGenPolicy _policy = LlamaGenPolicy.Create(Sizes.Policy);
    private readonly Tensor _tokens = Sizes.RandomTokens(Sizes.Images, Sizes.Tokens);

    [Benchmark(Baseline = true, Description = "generation, a token with a forward over all positions")]
    public void WithoutCache()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor features = _policy.Features(_condition, _tokens, PolicyMode.Evaluation); // (B, T, D)
        TokenSampling.Next(_policy.Head(features.narrow(1, Sizes.Tokens - 1, 1)).squeeze(1), new GenerationOptions(), Sizes.Tokens - 1);
    }

    [Benchmark(Description = "generation, a token with the cache", OperationsPerInvoke = Sizes.Tokens)]
    public void Unguided() => Generate(guidance: 1);

    [Benchmark(Description = "generation, a token with the cache, guidance 2", OperationsPerInvoke = Sizes.Tokens)]
    public void Guided() => Generate(guidance: 2);

    [GlobalCleanup]
    public void Dispose()
    {
        _policy.Dispose();
        _condition.Dispose();
        _tokens.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Generate(double guidance) => _policy.Generate(_condition, new GenerationOptions { Guidance = guidance }).Dispose();
}
