using BenchmarkDotNet.Attributes;
using TorchSharp;
using VaPi.Benchmarks.Step;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>LPIPS of one group at 64 pixels: the target's features once an image, against once a sample.</summary>
public class LpipsBenchmarks : IDisposable
{
    private const int Side = 64;

    private readonly Tensor _repeated;
    private readonly Reward _reward = RandomLpips.Create();
    private readonly Tensor _samples = Sizes.RandomImages(Sizes.GroupSize, Side);
    private readonly Tensor _target = Sizes.RandomImages(1, Side);
    private readonly Tensor _tokens = Sizes.RandomTokens(Sizes.GroupSize, Sizes.Tokens);

    public LpipsBenchmarks() => _repeated = _target.repeat(Sizes.GroupSize, 1, 1, 1);

    [Benchmark(Baseline = true, Description = "LPIPS of a group of 8, target features a sample")]
    public void TargetRepeated() => Score(_repeated, Sizes.GroupSize);

    [Benchmark(Description = "LPIPS of a group of 8, target features an image")]
    public void TargetShared() => Score(_target, 1);

    [GlobalCleanup]
    public void Dispose()
    {
        _reward.Dispose();
        _repeated.Dispose();
        _samples.Dispose();
        _target.Dispose();
        _tokens.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Score(Tensor targets, int images)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var condition = new NoCondition(images);
        using IRewardScorer scorer = _reward.Prepare(targets, condition);
        using RewardBatch scored = scorer.Score(new RewardChunk(_samples, _tokens, TokenLayout.Grid(8, 8), 0, images));
    }
}
