using BenchmarkDotNet.Attributes;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>A rollout's images to tokens.</summary>
public class EncodingBenchmarks : IDisposable
{
    private readonly Tensor _images = Sizes.RandomImages(Sizes.Images);
    private readonly LlamaGenTokenizer _tokenizer = LlamaGenTokenizer.Create(Sizes.Tokenizer);

    [Benchmark(Description = "encode 4 images")]
    public void Encode() => _tokenizer.Encode(_images).Dispose();

    [GlobalCleanup]
    public void Dispose()
    {
        _tokenizer.Dispose();
        _images.Dispose();
        GC.SuppressFinalize(this);
    }
}
