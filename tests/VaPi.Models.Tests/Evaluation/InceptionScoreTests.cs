using TorchSharp;
using VaPi.Evaluation;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public class InceptionScoreTests
{
    [Fact]
    public void Certain_and_evenly_spread_classes_score_their_number()
    {
        using Tensor certain = eye(8).repeat(3, 1);
        Assert.Equal(8, InceptionScore.Of(certain), 1e-12);
    }

    [Fact]
    public void Images_that_are_all_alike_score_one()
    {
        using Tensor alike = tensor(new[] { 0.5, 0.25, 0.25 }).repeat(10, 1);
        Assert.Equal(1, InceptionScore.Of(alike), 1e-12);
    }

    [Fact]
    public void It_is_exp_of_the_mean_divergence_from_the_mean()
    {
        using Tensor probabilities = tensor(new[] { 0.9, 0.1, 0.2, 0.8 }, [2, 2]);
        double divergence = (0.9 * Math.Log(0.9 / 0.55) + 0.1 * Math.Log(0.1 / 0.45) + 0.2 * Math.Log(0.2 / 0.55) + 0.8 * Math.Log(0.8 / 0.45)) / 2;
        Assert.Equal(Math.Exp(divergence), InceptionScore.Of(probabilities), 1e-12);
    }

    [Fact]
    public void Splits_follow_the_order_whatever_the_batches_are()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor probabilities = randn([25, 4]).softmax(1);
        var score = new InceptionScore(splitSize: 10);
        foreach (Tensor batch in probabilities.split(7))
            score.Add(batch);

        double[] expected = [.. probabilities.split(10).Select(split => InceptionScore.Of(split))];

        Assert.Equal(3, score.Splits.Count);
        Assert.Equal(25, score.Count);
        for (int split = 0; split < 3; split++)
            Assert.Equal(expected[split], score.Splits[split], 1e-9);
        Assert.Equal(expected.Average(), score.Value, 1e-9);
    }

    [Fact]
    public void Logits_and_nothing_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        var score = new InceptionScore();
        Assert.Throws<InvalidOperationException>(() => score.Value);
        Assert.Contains("softmax", Assert.Throws<ArgumentException>(() => score.Add(randn(4, 3))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => score.Add(full([1, 2], double.NaN)));
        score.Add(full([2, 4], 0.25));
        Assert.Contains("(N, 4)", Assert.Throws<ArgumentException>(() => score.Add(full([2, 2], 0.5))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new InceptionScore(0));
    }
}
