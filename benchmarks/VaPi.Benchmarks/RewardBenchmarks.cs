using BenchmarkDotNet.Attributes;
using TorchSharp;
using VaPi.Benchmarks.Step;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>LPIPS of groups: features of a target once an image, against once a sample.</summary>
public class RewardBenchmarks : IDisposable
{
    private const int Samples = Sizes.Images * Sizes.GroupSize;

    private readonly Tensor _repeated;
    private readonly Reward _reward = RandomLpips.Create();
    private readonly Tensor _samples = Sizes.RandomImages(Samples);
    private readonly Tensor _targets = Sizes.RandomImages(Sizes.Images);
    private readonly Tensor _tokens = Sizes.RandomTokens(Samples, Sizes.Tokens);

    public RewardBenchmarks() => _repeated = _targets.repeat_interleave(Sizes.GroupSize, 0);

    [Benchmark(Baseline = true, Description = "LPIPS of 4 groups of 8, targets a sample")]
    public void TargetsRepeated() => Score(_repeated, Samples);

    [Benchmark(Description = "LPIPS of 4 groups of 8, targets an image")]
    public void TargetsShared() => Score(_targets, Sizes.Images);

    [GlobalCleanup]
    public void Dispose()
    {
        _reward.Dispose();
        _repeated.Dispose();
        _samples.Dispose();
        _targets.Dispose();
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
