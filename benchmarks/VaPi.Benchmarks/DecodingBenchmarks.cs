using BenchmarkDotNet.Attributes;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>A rollout's samples to images: as many at a time as the library decodes unless told otherwise, against all at once.</summary>
public class DecodingBenchmarks : IDisposable
{
    private static readonly int AtATime = new Alignment.AlignmentOptions().SamplesPerDecode;

    private readonly LlamaGenTokenizer _tokenizer = LlamaGenTokenizer.Create(Sizes.Tokenizer);
    private readonly Tensor _tokens = Sizes.RandomTokens(Sizes.Images * Sizes.GroupSize, Sizes.Tokens);

    [Benchmark(Baseline = true, Description = "decode 4 groups of 8, all at once")]
    public void AllAtOnce() => _tokenizer.Decode(_tokens).Dispose();

    [Benchmark(Description = "decode 4 groups of 8, in chunks")]
    public void InChunks()
    {
        foreach (Tensor chunk in _tokens.split(AtATime))
        {
            _tokenizer.Decode(chunk).Dispose();
            chunk.Dispose();
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _tokenizer.Dispose();
        _tokens.Dispose();
        GC.SuppressFinalize(this);
    }
}
