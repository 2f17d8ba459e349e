using Documents;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Rewards;
using VaPi.Tests;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Docs.Tests;

/// <summary>What docs/rewards.md shows is not only compiled: it does what the text says.</summary>
[Collection(AloneCollection.Name)]
public class RewardDocumentTests
{
    [Fact]
    public void The_edge_reward_is_the_difference_of_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor samples) = Images();
        using IRewardScorer scorer = new EdgeReward().Prepare(targets, new NoCondition(3));

        using RewardBatch scored = scorer.Score(Chunk(samples));

        for (int sample = 0; sample < 6; sample++)
            Assert.Equal(Naive(targets[1 + sample / 3], samples[sample]), scored.Values[sample].item<float>(), 1e-5);
        static double Naive(Tensor target, Tensor sample)
        {
            double Brightness(Tensor image, int row, int column) => Enumerable.Range(0, 3).Average(channel => (double)image[channel, row, column].item<float>());
            double Change(Tensor image, int row, int column, int down, int right) => Brightness(image, row + down, column + right) - Brightness(image, row, column);
            (double sum, int count) = (0, 0);
            for (int row = 0; row < 4; row++)
            {
                for (int column = 0; column < 6; column++, count += 2)
                {
                    sum += Math.Abs(Change(sample, row, column, 0, 1) - Change(target, row, column, 0, 1));
                    sum += Math.Abs(Change(sample, row, column, 1, 0) - Change(target, row, column, 1, 0));
                }
            }

            return -sum / count;
        }
    }

    [Fact]
    public void The_overshoot_reward_is_what_lies_beyond_the_range()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor samples = Images().Samples * 1.5;
        using IRewardScorer scorer = new OvershootReward().Prepare(null, new NoCondition(3));

        using RewardBatch scored = scorer.Score(Chunk(samples));

        for (int sample = 0; sample < 6; sample++)
        {
            float[] pixels = samples[sample].flatten().data<float>().ToArray();
            double white = -pixels.Average(pixel => Math.Max(0, pixel - 1.0));
            double black = -pixels.Average(pixel => Math.Max(0, -1.0 - pixel));
            Assert.True(white < 0 && black < 0);
            Assert.Equal(white + black, scored.Values[sample].item<float>(), 1e-6);
            Assert.Equal(white, scored.Components["too white"][sample].item<float>(), 1e-6);
            Assert.Equal(black, scored.Components["too black"][sample].item<float>(), 1e-6);
        }
    }

    [Fact]
    public void Aligning_on_the_edge_reward_raises_it()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.GroupSize, options.PriorWeight) = (AlignmentMode.Evaluation, 8, 0))
            .WithReward(new EdgeReward())
            .Build();

        List<double> rewards = [.. Enumerable.Range(0, 100).Select(_ => trainer.Step().Reward.Mean)];

        (double before, double after) = (rewards.Take(10).Average(), rewards.TakeLast(10).Average());
        Assert.True(after > before * 0.8, $"the reward was {before:F4} and is {after:F4}");
    }

    [Fact]
    public async Task The_composed_rewards_train_and_are_recorded()
    {
        using var world = new ToyWorld();
        AlignmentTrainerBuilder builder = world.Builder(options => options.SamplesPerDecode = 3);
        Reward reward = OwnRewards.Use(builder);
        using AlignmentTrainer trainer = builder.Build();

        AlignmentStep step = trainer.Step();
        await RewardReport.Print(trainer);

        Assert.Equal("mean squared error + 0.5 * edges + 2 * overshoot", reward.Name);
        Assert.Equal(["edges", "mean squared error", "too black", "too white"], step.RewardComponents.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            step.RewardComponents["mean squared error"].Mean + 0.5 * step.RewardComponents["edges"].Mean
                + 2 * (step.RewardComponents["too white"].Mean + step.RewardComponents["too black"].Mean),
            step.Reward.Mean,
            1e-6);
        Assert.Equal(4, trainer.StepsDone);
    }

    [Fact]
    public void The_chunk_size_does_not_change_what_the_edge_reward_says()
    {
        double Mean(int samplesPerDecode)
        {
            using var world = new ToyWorld();
            using AlignmentTrainer trainer = world.Builder(options => options.SamplesPerDecode = samplesPerDecode).WithReward(new EdgeReward()).Build();
            return trainer.Step().Reward.Mean;
        }

        Assert.All([1, 3, 5, 8], samplesPerDecode => Assert.Equal(Mean(100), Mean(samplesPerDecode), 1e-7));
    }

    [Fact]
    public void Weights_chosen_by_spread_give_both_terms_the_same_say()
    {
        using var world = new ToyWorld();
        Reward reward = BalancedReward.Make(world.Policy, world.Tokenizer, world.Images);
        double weight = double.Parse(reward.Name.Split(" + ")[1].Split(" * ")[0], System.Globalization.CultureInfo.InvariantCulture);
        using AlignmentTrainer trainer = world
            .Builder(options => (options.ImagesPerRollout, options.GroupSize, options.LearningRate) = (10, 64, 0))
            .WithReward(reward)
            .Build();

        IReadOnlyDictionary<string, RewardStatistics> parts = trainer.Step().RewardComponents;

        double ratio = weight * parts["edges"].GroupDeviation / parts["mean squared error"].GroupDeviation;
        Assert.InRange(ratio, 0.8, 1.25); // other samples than those it was measured on
        Assert.True(Math.Abs(weight - 1) > 0.3, $"with a weight of {weight} the test would not see whether it is used");
    }

    [Fact]
    public void The_own_rewards_leave_no_tensors()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor samples) = Images();
        RewardChunk chunk = Chunk(samples);
        long before = LiveTensors.Settled();

        foreach (Reward reward in new Reward[] { new EdgeReward(), new OvershootReward() })
        {
            using IRewardScorer scorer = reward.Prepare(targets, new NoCondition(3));
            scorer.Score(chunk).Dispose();
            scorer.Score(chunk).Dispose();
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    // Three images of 5x7 pixels; three samples each of the last two.
    private static (Tensor Targets, Tensor Samples) Images()
    {
        using var generator = new Generator(23, CPU);
        return (rand([3, 3, 5, 7], generator: generator).mul_(2).sub_(1), rand([6, 3, 5, 7], generator: generator).mul_(2).sub_(1));
    }

    private static RewardChunk Chunk(Tensor samples) => new(samples, zeros([6, 1], ScalarType.Int64), TokenLayout.Sequence(1), FirstImage: 1, ImageCount: 2);
}
