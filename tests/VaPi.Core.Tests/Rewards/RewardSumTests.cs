using TorchSharp;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

public class RewardSumTests
{
    [Fact]
    public void Names_inputs_and_weights_are_those_of_the_terms()
    {
        Reward sum = 2 * ToyReward.Constant(1, "a") + new ToyReward((_, _) => null, "b", RewardInputs.Tokens | RewardInputs.Condition);

        Assert.Equal("2 * a + b", sum.Name);
        Assert.Equal(RewardInputs.Targets | RewardInputs.Tokens | RewardInputs.Condition, sum.Inputs);
    }

    [Fact]
    public void Sums_in_sums_are_flattened_and_their_weights_multiplied()
    {
        Reward sum = 0.5 * (ToyReward.Constant(1, "a") + 4 * ToyReward.Constant(1, "b")) + ToyReward.Constant(1, "c");

        Assert.Equal("0.5 * a + 2 * b + c", sum.Name);
        Assert.Equal([3.5f, 3.5f], Scored(sum, 2).Values.data<float>().ToArray());
    }

    [Fact]
    public void A_difference_is_a_sum_with_a_negative_weight()
    {
        Reward difference = ToyReward.Constant(5, "a") - 0.5 * (ToyReward.Constant(4, "b") - ToyReward.Constant(2, "c"));

        using RewardBatch scored = Scored(difference, 1);

        Assert.Equal("a - 0.5 * b + 0.5 * c", difference.Name);
        Assert.Equal(5 - 0.5f * (4 - 2), scored.Values.item<float>());
        Assert.Equal(4, scored.Components["b"].item<float>());
    }

    [Fact]
    public void A_reward_can_be_turned_around()
    {
        Reward negative = -ToyReward.Constant(3, "a");

        using RewardBatch scored = Scored(-(-2 * negative) - new Plain("b"), 1);

        Assert.Equal(("-a", -3f), (negative.Name, Scored(negative, 1).Values.item<float>()));
        Assert.Equal(2 * -3 - 1, scored.Values.item<float>());
        Assert.Equal(3, scored.Components["a"].item<float>());
    }

    [Fact]
    public void Methods_do_what_the_operators_do_also_between_rewards_that_only_implement_the_interface()
    {
        Reward sum = Reward.Add(Reward.Multiply(new Plain("a"), 3), Reward.Subtract(new Plain("b"), Reward.Negate(new Plain("c"))));

        using RewardBatch scored = Scored(sum, 1);

        Assert.Equal("3 * a + b + c", sum.Name);
        Assert.Equal(5, scored.Values.item<float>());
        Assert.Equal(["a", "b", "c"], scored.Components.Keys.Order());
    }

    [Fact]
    public void A_weight_of_zero_records_a_reward_without_counting_it()
    {
        Reward sum = ToyReward.Constant(1, "a") + 0 * ToyReward.Constant(7, "b");

        using RewardBatch scored = Scored(sum, 1);

        Assert.Equal(1, scored.Values.item<float>());
        Assert.Equal(7, scored.Components["b"].item<float>());
    }

    [Fact]
    public void A_missing_operand_is_refused_when_the_sum_is_made()
    {
        Reward a = ToyReward.Constant(1, "a");
        Assert.Throws<ArgumentNullException>(() => a + (Reward)null!);
        Assert.Throws<ArgumentNullException>(() => (IRewardFunction)null! + a);
        Assert.Throws<ArgumentNullException>(() => a - (IRewardFunction)null!);
        Assert.Throws<ArgumentNullException>(() => 2 * (Reward)null!);
        Assert.Throws<ArgumentNullException>(() => -(Reward)null!);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void A_term_without_a_name_is_refused(string? name)
    {
        var exception = Assert.Throws<ArgumentException>(() => ToyReward.Constant(1, "a") + new Plain(name!));

        Assert.Contains("a Plain, has no name", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_terms_of_one_name_are_refused()
    {
        var exception = Assert.Throws<ArgumentException>(() => ToyReward.Constant(1, "a") + 2 * ToyReward.Constant(2, "a"));

        Assert.Contains("'a'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_weight_that_is_not_finite_is_refused(double weight)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => weight * ToyReward.Constant(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ToyReward.Constant(1) * weight);
    }

    [Fact]
    public void Weights_whose_product_is_not_finite_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => 1e200 * (ToyReward.Constant(1, "a") + 1e200 * ToyReward.Constant(1, "b")));

    [Fact]
    public void Weights_are_written_with_a_point_in_every_language()
    {
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var comma = new System.Globalization.CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            System.Globalization.CultureInfo.CurrentCulture = comma;
            Assert.Equal("-0.5 * a", (-0.5 * ToyReward.Constant(1, "a")).Name);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Parts_of_one_name_are_both_recorded()
    {
        ToyReward WithPart(string name, double part) => new(
            (chunk, _) => new RewardBatch(zeros(chunk.SampleCount), new Dictionary<string, Tensor> { ["part"] = full([chunk.SampleCount], part) }), name);

        using RewardBatch scored = Scored(WithPart("a", 1) + WithPart("b", 2), 1);

        Assert.Equal(1, scored.Components["part"].item<float>());
        Assert.Equal(2, scored.Components["b: part"].item<float>());
    }

    [Fact]
    public void A_term_without_values_a_position_counts_the_same_at_every_position()
    {
        var local = new ToyReward((chunk, _) => new RewardBatch(zeros(chunk.SampleCount), null, tensor(new[] { 1f, 2f, 3f }, [1, 3])), "local");

        using RewardBatch scored = Scored(2 * local + 10 * ToyReward.Constant(1, "whole"), 1);

        Assert.Equal([12f, 14f, 16f], scored.PositionValues!.data<float>().ToArray());
        Assert.Equal([10f], scored.Values.data<float>().ToArray());
    }

    [Fact]
    public void Without_values_a_position_there_are_none()
    {
        using RewardBatch scored = Scored(ToyReward.Constant(1, "a") + ToyReward.Constant(1, "b"), 1);

        Assert.Null(scored.PositionValues);
    }

    [Fact]
    public void Disposing_a_sum_disposes_its_terms()
    {
        var first = new Disposed();
        var second = new Disposed { Own = "second" };

        (first + 0.5 * second).Dispose();

        Assert.True(first.IsDisposed && second.IsDisposed);
    }

    [Fact]
    public void When_one_term_cannot_prepare_the_others_scorers_are_disposed()
    {
        ToyReward first = ToyReward.Constant(1, "first");

        Assert.Throws<RewardException>(() => (first + Reward.MeanSquaredError()).Prepare(null, new NoCondition(1)));
        Assert.Equal((1, 0), (first.Prepared, first.ScorersAlive));
    }

    private static RewardBatch Scored(Reward reward, int samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using IRewardScorer scorer = reward.Prepare(zeros(1, 3, 2, 2), new NoCondition(1));
        return scorer.Score(new RewardChunk(zeros(samples, 3, 2, 2), zeros([samples, 3], ScalarType.Int64), TokenLayout.Sequence(3), 0, 1));
    }

    /// <summary>A reward of one that does not derive from <see cref="Reward"/>.</summary>
    private sealed class Plain(string name) : IRewardFunction, IRewardScorer
    {
        public string Name => name;

        public RewardInputs Inputs => RewardInputs.None;

        public IRewardScorer Prepare(Tensor? targets, Condition condition) => this;

        public RewardBatch Score(RewardChunk chunk) => new(ones(chunk.SampleCount));

        public void Dispose()
        {
        }
    }

    private sealed class Disposed : Reward
    {
        public string Own { get; init; } = "first";

        public bool IsDisposed { get; private set; }

        public override string Name => Own;

        public override RewardInputs Inputs => RewardInputs.None;

        public override IRewardScorer Prepare(Tensor? targets, Condition condition) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
