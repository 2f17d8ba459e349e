using BenchmarkDotNet.Attributes;
using TorchSharp;
using VaPi.Compute;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>
/// Drawing the groups of a teacher-forced forward pass, with the samples' log-probabilities: torch's multinomial on whole logits,
/// against the library's draws by given uniform numbers, which also give the entropy.
/// </summary>
public class GroupSamplingBenchmarks : IDisposable
{
    private static readonly LlamaGenConfiguration Configuration = new()
    {
        Layers = 1,
        Heads = 8,
        Width = 512,
        VocabularySize = 16384,
        GridSize = 8,
        Classes = 10,
    };

    private readonly Tensor _features = randn(Sizes.Images, Sizes.Tokens, Configuration.Width);
    private readonly LlamaGenPolicy _policy = LlamaGenPolicy.Create(Configuration);
    private readonly Tensor _uniforms = rand(Sizes.Images, Sizes.Tokens, Sizes.GroupSize);

    [Benchmark(Baseline = true, Description = "sampling of 4 groups of 8, multinomial")]
    public void Multinomial()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor logProbabilities = _policy.Head(_features).log_softmax(-1); // (B, T, V)
        Tensor samples = multinomial(logProbabilities.exp().flatten(0, 1), Sizes.GroupSize, replacement: true); // (B T, G)
        logProbabilities.gather(-1, samples.view(Sizes.Images, Sizes.Tokens, Sizes.GroupSize));
    }

    [Benchmark(Description = "sampling of 4 groups of 8, the library's")]
    public void Library()
    {
        using DisposeScope scope = NewDisposeScope();
        GroupSampling.Draw(
            _policy.Head, _features, _uniforms, truth: null, temperature: 1, topK: 0, topP: 1, PositionChunks.DefaultLength(Sizes.Images, Configuration.VocabularySize));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _policy.Dispose();
        _features.Dispose();
        _uniforms.Dispose();
        GC.SuppressFinalize(this);
    }
}
