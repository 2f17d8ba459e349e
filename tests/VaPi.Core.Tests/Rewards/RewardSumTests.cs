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
    public void Methods_do_what_the_operators_do() =>
        Assert.Equal("3 * a + b", Reward.Add(Reward.Multiply(ToyReward.Constant(1, "a"), 3), ToyReward.Constant(1, "b")).Name);

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
