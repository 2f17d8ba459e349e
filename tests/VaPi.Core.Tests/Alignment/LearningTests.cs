using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

public class LearningTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.0)]
    public void The_reward_rises(double priorWeight)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options => (options.Mode, options.GroupSize, options.PriorWeight) = (AlignmentMode.Evaluation, 8, priorWeight));

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 120).Select(_ => trainer.Step())];

        // Less than two thirds of the loss is left, and entropy falls as the policy makes up its mind.
        double before = steps.Take(10).Average(step => step.Reward.Mean);
        double after = steps.TakeLast(10).Average(step => step.Reward.Mean);
        Assert.True(after > before * 2 / 3, $"the reward was {before:F4} and is {after:F4}");
        Assert.True(steps[^1].Entropy < steps[0].Entropy);
    }

    [Fact]
    public void The_prior_alone_lowers_the_cross_entropy_of_the_true_tokens()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.PriorWeight) = (AlignmentMode.Evaluation, 1))
            .WithReward(ToyReward.Constant(-1))
            .Build();

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 80).Select(_ => trainer.Step())];

        Assert.True(steps[^1].PriorLoss < steps[0].PriorLoss / 2, $"{steps[0].PriorLoss} to {steps[^1].PriorLoss}");
    }
}
