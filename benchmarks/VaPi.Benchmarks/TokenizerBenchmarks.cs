using BenchmarkDotNet.Attributes;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>A rollout's images to tokens, and its samples to images.</summary>
public class TokenizerBenchmarks : IDisposable
{
    private readonly Tensor _images = Sizes.RandomImages(Sizes.Images);
    private readonly LlamaGenTokenizer _tokenizer = LlamaGenTokenizer.Create(Sizes.Tokenizer);
    private readonly Tensor _tokens = Sizes.RandomTokens(Sizes.Images * Sizes.GroupSize, Sizes.Tokens);

    [Benchmark(Description = "encode 4 images")]
    public void Encode() => _tokenizer.Encode(_images).Dispose();

    [Benchmark(Description = "decode 4 groups of 8")]
    public void Decode() => _tokenizer.Decode(_tokens).Dispose();

    [GlobalCleanup]
    public void Dispose()
    {
        _tokenizer.Dispose();
        _images.Dispose();
        _tokens.Dispose();
        GC.SuppressFinalize(this);
    }
}
