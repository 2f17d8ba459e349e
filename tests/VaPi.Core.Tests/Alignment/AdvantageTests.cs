using TorchSharp;
using VaPi.Alignment.Advantages;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class AdvantageTests
{
    [Fact]
    public void Rewards_are_normalised_within_their_group()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = tensor(new[] { 1f, 2f, 3f, 10f, 10f, 40f }, [2, 3]);

        float[] advantages = new GroupNormalised().Estimate(rewards).data<float>().ToArray();

        // Deviations (n - 1): 1, and the square root of (100 + 100 + 400) / 2.
        double[] expected = [-1, 0, 1, -10 / Math.Sqrt(300), -10 / Math.Sqrt(300), 20 / Math.Sqrt(300)];
        for (int index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], advantages[index], 1e-6);
    }

    [Fact]
    public void Rewards_seen_from_a_position_are_normalised_position_by_position()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = tensor(new[] { 1f, 5f, 3f, 1f }, [1, 2, 2]);

        float[] advantages = new GroupNormalised().Estimate(rewards).data<float>().ToArray();

        double unit = 1 / Math.Sqrt(2);
        Assert.All(advantages.Zip([-unit, unit, unit, -unit]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Fact]
    public void The_mean_alone_keeps_the_rewards_scale()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = tensor(new[] { 1f, 2f, 3f, 10f, 10f, 40f }, [2, 3]);

        Assert.Equal([-1f, 0, 1, -10, -10, 20], new MeanOnly().Estimate(rewards).data<float>().ToArray());
    }

    [Fact]
    public void Leaving_one_out_compares_with_the_others_only()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = tensor(new[] { 1f, 2f, 3f, 10f, 10f, 40f }, [2, 3]);

        Assert.Equal([1f - 2.5f, 2f - 2, 3f - 1.5f, 10 - 25, 10 - 25, 40 - 10], new LeaveOneOut().Estimate(rewards).data<float>().ToArray());
    }

    [Fact]
    public void Each_position_is_a_group_of_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = tensor(new[] { 1f, 5f, 3f, 1f }, [1, 2, 2]);

        Assert.Equal([-1f, 2, 1, -2], new MeanOnly().Estimate(rewards).data<float>().ToArray());
        Assert.Equal([-2f, 4, 2, -4], new LeaveOneOut().Estimate(rewards).data<float>().ToArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(11)]
    public void A_group_of_equal_rewards_has_no_advantage(int groupSize)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = linspace(-3, 1, 50).unsqueeze(1).expand(50, groupSize).contiguous();

        foreach (IAdvantageEstimator estimator in new IAdvantageEstimator[] { new GroupNormalised(), new MeanOnly(), new LeaveOneOut() })
            Assert.InRange(estimator.Estimate(rewards).abs().max().item<float>(), 0, estimator is GroupNormalised ? 0 : 1e-15);
    }
}
