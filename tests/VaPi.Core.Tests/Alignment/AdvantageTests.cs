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

        Assert.Equal(0, new GroupNormalised().Estimate(rewards).abs().max().item<float>());
    }
}
