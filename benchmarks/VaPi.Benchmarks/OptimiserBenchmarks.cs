using BenchmarkDotNet.Attributes;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using AdamW = VaPi.Alignment.Optimisation.AdamW;

namespace VaPi.Benchmarks;

/// <summary>An update with AdamW and a clipped norm, of a transformer's parameters: the library's against TorchSharp's.</summary>
public class OptimiserBenchmarks : IDisposable
{
    private const double LearningRate = 1e-9; // the parameters are to stay as they are

    private static readonly AlignmentOptions Options = new();

    private static readonly LlamaGenConfiguration Configuration = new()
    {
        Layers = 4,
        Heads = 8,
        Width = 512,
        VocabularySize = 4096,
        GridSize = 8,
        Classes = 1000,
    };

    private readonly AdamW _library;
    private readonly List<Parameter> _parameters;
    private readonly LlamaGenPolicy _policy = LlamaGenPolicy.Create(Configuration);
    private readonly optim.Optimizer _torch;

    public OptimiserBenchmarks()
    {
        _parameters = [.. _policy.NamedParameters().Select(named => named.Parameter)];
        foreach (Parameter parameter in _parameters)
            parameter.grad = randn_like(parameter).mul_(1e-3);
        _library = new AdamW(_policy.NamedParameters().Select(named => (named.Name, named.Parameter, Decays: true)), Options);
        _torch = optim.AdamW(_parameters, LearningRate, weight_decay: Options.WeightDecay);
    }

    [Benchmark(Baseline = true, Description = "AdamW of 18 M parameters, TorchSharp's")]
    public void Torch()
    {
        nn.utils.clip_grad_norm_(_parameters, Options.MaximumGradientNorm);
        _torch.step();
    }

    [Benchmark(Description = "AdamW of 18 M parameters, the library's")]
    public void Library()
    {
        using Tensor norm = _library.GradientNorm();
        _library.Step(norm, LearningRate);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _library.Dispose();
        _torch.Dispose();
        _policy.Dispose();
        GC.SuppressFinalize(this);
    }
}
