using Documents;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Docs.Tests.Support;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Tests;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Docs.Tests;

/// <summary>What docs/alternatives.md shows trains, and its parts of one's own are short and do what they say.</summary>
[Collection(AloneCollection.Name)]
public class AlternativesDocumentTests
{
    private const int MostLines = 29;

    private static readonly Dictionary<string, Action<AlignmentTrainerBuilder>> Compositions = new()
    {
        ["cross-entropy"] = Alternatives.CrossEntropy,
        ["straight-through"] = Alternatives.StraightThrough,
        ["kl"] = Alternatives.KlInPlaceOfThePrior,
        ["objectives"] = Alternatives.LeaveOneOutBySequence,
        ["own parts"] = Alternatives.OwnParts,
    };

    public static TheoryData<string> CompositionNames => [.. Compositions.Keys];

    [Theory]
    [InlineData("own reward")]
    [InlineData("own advantage")]
    [InlineData("own surrogate")]
    public void A_new_part_takes_less_than_30_lines(string region)
    {
        string[] lines = Snippets.All.Single(snippet => snippet.Name.Contains($"'{region}'", StringComparison.Ordinal)).Lines;

        Assert.InRange(lines.Length, 5, MostLines);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 130));
    }

    [Theory]
    [MemberData(nameof(CompositionNames))]
    public void Every_composition_trains(string name)
    {
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        AlignmentTrainerBuilder builder = world.Builder();
        Compositions[name](builder);
        using AlignmentTrainer trainer = builder.Build();

        AlignmentStep step = trainer.Step();

        Assert.True(step.GradientNorm > 0);
        Assert.Contains(world.Policy.NamedParameters(), named => named.Parameter.ne(before[named.Name]).any().item<bool>());
    }

    [Fact]
    public void Free_running_trains_a_published_kind_of_policy()
    {
        using var tokenizer = LlamaGenTokenizer.Create(Toys.TokenizerShape with { ImageSize = 8 }); // square, as the policy's grid
        using LlamaGenPolicy policy = Toys.Policy();
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition([0, 1, 2]);
        using VaPi.Data.TensorImageSource images = VaPi.Data.ImageSource.FromTensors(rand([3, 3, 8, 8], generator: new Generator(5, CPU)) * 2 - 1, condition);
        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithImages(images)
            .Configure(options => (options.ImagesPerRollout, options.GroupSize, options.LearningRate) = (3, 4, 1e-3));
        Alternatives.FreeRunning(builder, new ContrastReward());
        using AlignmentTrainer trainer = builder.Build();

        AlignmentStep first = trainer.Step();
        AlignmentStep second = trainer.Step();

        Assert.Equal(1, first.MeanRatio, 1e-4);
        Assert.Equal(0, first.KlDivergence!.Value, 1e-6);
        Assert.True(second.KlDivergence > 1e-6, $"{second.KlDivergence}");
        Assert.Null(first.PriorLoss);
    }

    [Fact]
    public void Aligning_with_the_own_parts_raises_their_reward()
    {
        using var world = new ToyWorld();
        AlignmentTrainerBuilder builder = world.Builder(options => (options.Mode, options.GroupSize, options.PriorWeight) = (AlignmentMode.Evaluation, 8, 0));
        Alternatives.OwnParts(builder);
        using AlignmentTrainer trainer = builder.Build();

        List<double> rewards = [.. Enumerable.Range(0, 60).Select(_ => trainer.Step().Reward.Mean)];

        (double before, double after) = (rewards.Take(10).Average(), rewards.TakeLast(10).Average());
        Assert.True(after > before * 1.1, $"the contrast was {before:F4} and is {after:F4}");
    }

    [Fact]
    public void The_contrast_reward_is_the_deviation_of_brightness()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor samples = rand([2, 3, 2, 3], generator: new Generator(3, CPU));
        using IRewardScorer scorer = new ContrastReward().Prepare(null, new NoCondition(2));

        using RewardBatch scored = scorer.Score(new RewardChunk(samples, zeros([2, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, 2));

        for (int sample = 0; sample < 2; sample++)
        {
            double[] brightness = [.. Enumerable.Range(0, 6).Select(pixel => Enumerable.Range(0, 3).Average(channel => (double)samples[sample, channel, pixel / 3, pixel % 3].item<float>()))];
            double mean = brightness.Average();
            Assert.Equal(Math.Sqrt(brightness.Sum(value => (value - mean) * (value - mean)) / 5), scored.Values[sample].item<float>(), 1e-6);
        }
    }

    [Fact]
    public void The_rank_advantage_orders_each_group()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rewards = tensor(new[] { 5f, -100, 6, 3, 2, 1 }, [2, 3]);

        Assert.Equal([0f, -1, 1, 1, 0, -1], new RankAdvantage().Estimate(rewards).data<float>().ToArray());
    }

    [Fact]
    public void The_penalised_ratio_pulls_back_what_has_moved()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = tensor(new[] { 0.0, 0.5 }, [1, 1, 2]).requires_grad_();

        new PenalisedRatio(0.1).Loss(new TokenLogProbabilities(current, zeros_like(current), null, null), tensor(new[] { 2.0 }, [1, 1, 1])).sum().backward();

        Assert.Equal([-2.0, -2 * Math.Exp(0.5) + 0.1], current.grad!.data<double>().ToArray().Select(value => Math.Round(value, 12)), (expected, found) => Math.Abs(expected - found) < 1e-9);
    }
}
