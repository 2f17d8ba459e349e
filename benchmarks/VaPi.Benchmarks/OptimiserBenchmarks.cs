using BenchmarkDotNet.Attributes;
using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using static TorchSharp.torch;
using OwnAdamW = VaPi.Alignment.Optimisation.AdamW;

namespace VaPi.Benchmarks;

/// <summary>Clipping and one update of 8.4 M parameters: the library's AdamW, in place and piece by piece, against TorchSharp's.</summary>
public class OptimiserBenchmarks : IDisposable
{
    private const double LearningRate = 1e-6;
    private const int Matrices = 8;
    private const long Side = 1024;

    private readonly AlignmentOptions _options = new();
    private readonly OwnAdamW _own;
    private readonly List<Parameter> _ownParameters = WithGradients();
    private readonly optim.Optimizer _theirs;
    private readonly List<Parameter> _theirParameters = WithGradients();

    public OptimiserBenchmarks()
    {
        _own = new OwnAdamW(_ownParameters.Select((parameter, index) => ($"weight {index}", parameter, true)), _options);
        _theirs = optim.AdamW(_theirParameters, LearningRate, weight_decay: _options.WeightDecay);
    }

    [Benchmark(Baseline = true, Description = "AdamW of TorchSharp")]
    public void Theirs()
    {
        using DisposeScope scope = NewDisposeScope();
        nn.utils.clip_grad_norm_(_theirParameters, _options.MaximumGradientNorm);
        _theirs.step();
    }

    [Benchmark(Description = "AdamW")]
    public void Own()
    {
        using Tensor norm = _own.GradientNorm();
        _own.Step(norm, LearningRate);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _own.Dispose();
        _theirs.Dispose();
        foreach (Parameter parameter in _ownParameters.Concat(_theirParameters))
            parameter.Dispose();
        GC.SuppressFinalize(this);
    }

    private static List<Parameter> WithGradients() =>
    [
        .. Enumerable.Range(0, Matrices).Select(_ =>
        {
            var parameter = new Parameter(randn(Side, Side));
            parameter.grad = randn(Side, Side);
            return parameter;
        }),
    ];
}
