using TorchSharp;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Tests.Rewards;

/// <summary>Rewards that say so carry gradients to the samples, and give the same values with and without.</summary>
public class DifferentiableRewardTests
{
    private static readonly Dictionary<string, Func<Reward>> Rewards = new()
    {
        ["mean squared error"] = Reward.MeanSquaredError,
        ["mean absolute error"] = Reward.MeanAbsoluteError,
        ["feature distance"] = () => Reward.FeatureDistance("features", new Edges()),
        ["sum"] = () => Reward.MeanSquaredError() + 0.5 * Reward.FeatureDistance("features", new Edges()) - 2 * Reward.MeanAbsoluteError(),
    };

    public static TheoryData<string> Names => [.. Rewards.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_gradient_is_the_slope(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(31, CPU);
        Tensor targets = rand([2, 3, 6, 6], ScalarType.Float64, generator: generator) * 2 - 1;
        Tensor samples = rand([4, 3, 6, 6], ScalarType.Float64, generator: generator) * 2 - 1;
        Tensor direction = randn(samples.shape, ScalarType.Float64, generator: generator);
        Reward reward = Rewards[name]();
        Assert.True(reward.IsDifferentiable);

        Tensor pixels = samples.clone().requires_grad_();
        Tensor values = Values(reward, targets, pixels);
        values.sum().backward();

        const double Step = 1e-6;
        Tensor slopes = (Values(reward, targets, samples + Step * direction) - Values(reward, targets, samples - Step * direction)) / (2 * Step);
        Expect.Close(Values(reward, targets, samples), values, 1e-12);
        Expect.Close(slopes, (pixels.grad! * direction).sum([1, 2, 3]), 1e-6);
    }

    [Fact]
    public void A_flat_sample_has_a_finite_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = zeros([1, 3, 6, 6], ScalarType.Float64).requires_grad_();

        Values(Reward.FeatureDistance("features", new Edges()), rand([1, 3, 6, 6], ScalarType.Float64), pixels).sum().backward();

        Assert.True(pixels.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void A_sum_is_differentiable_only_if_all_its_terms_are()
    {
        Assert.False(ToyReward.Constant(1).IsDifferentiable);
        Assert.False((Reward.MeanSquaredError() + ToyReward.Constant(1)).IsDifferentiable);
        Assert.False(Reward.MeanSquaredError().Localised().IsDifferentiable);
        Assert.True((2 * Reward.MeanSquaredError()).IsDifferentiable);
    }

    private static Tensor Values(Reward reward, Tensor targets, Tensor samples)
    {
        using IRewardScorer scorer = reward.Prepare(targets, new NoCondition((int)targets.shape[0]));
        RewardBatch scored = scorer.Score(new RewardChunk(samples, zeros([samples.shape[0], 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, (int)targets.shape[0]));
        return scored.Values;
    }

    /// <summary>Rectified differences of neighbours, all zero on a flat image.</summary>
    private sealed class Edges : IFeatureExtractor
    {
        public IReadOnlyList<Tensor> Extract(Tensor images)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor across = images.diff(dim: 3).narrow(2, 0, images.shape[2] - 1);
            Tensor down = images.diff(dim: 2).narrow(3, 0, images.shape[3] - 1);
            return [F.relu(cat([across, down, -across, -down], 1)).MoveToOuterDisposeScope()];
        }
    }
}
