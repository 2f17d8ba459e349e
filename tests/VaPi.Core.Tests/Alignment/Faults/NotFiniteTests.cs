using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Runs;
using VaPi.Rewards;
using VaPi.Tests.Alignment.Runs;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Faults;

/// <summary>Rewards, losses and gradients that are NaN or infinite: their updates are not made, and counted.</summary>
[Collection(AloneCollection.Name)]
public class NotFiniteTests
{
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_rollout_without_a_finite_reward_goes_by_and_the_run_goes_on(double value)
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        var images = new ToyImages(world.Images);
        using AlignmentTrainer trainer = Builder(world, SpoiltIn(prepared => prepared == 2, value)).WithImages(images).WithLogger(logger).Build();
        AlignmentStep first = trainer.Step();
        using ToyPolicy before = world.Policy.Copy();

        AlignmentStep second = trainer.Step();

        Assert.Equal((0, null), (first.SkippedUpdates, first.SkipReason));
        Assert.Equal((2, 2), (second.Index, second.SkippedUpdates));
        Assert.Contains("The reward 'toy' cannot be used: 16 of 16 numbers of its value tensor are NaN or infinite", second.SkipReason, StringComparison.Ordinal);
        Assert.True(double.IsNaN(second.Reward.Mean) && double.IsNaN(second.PolicyLoss) && double.IsNaN(second.GradientNorm));
        Assert.Empty(second.GradientNorms);
        Expect.SameParameters(before, world.Policy);
        Assert.StartsWith("Rollout 2 goes by without an update: The reward 'toy'", Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Warning).Message, StringComparison.Ordinal);

        AlignmentStep third = trainer.Step();
        Assert.Equal((3, 0), (third.Index, third.SkippedUpdates));
        Assert.True(Expect.Change(before, world.Policy) > 0);
        Assert.Equal(3, images.Batches.Take(3).Select(draws => string.Join(' ', draws)).Distinct().Count());
    }

    [Fact]
    public void An_update_whose_gradient_is_not_finite_is_left_out_and_the_others_are_made()
    {
        using var world = new ToyWorld();
        using var usual = new ToyWorld();
        var logger = new CapturingLogger();
        int calls = 0;
        using AlignmentTrainer trainer = Builder(world).OnGradients(gradients => SpoilIf(++calls == 2, gradients)).WithLogger(logger).Build();
        using AlignmentTrainer plain = Builder(usual).Build();

        AlignmentStep step = trainer.Step();
        AlignmentStep expected = plain.Step();

        Assert.Equal((2, 1), (expected.GradientNorms.Count, step.SkippedUpdates));
        Assert.Equal([expected.GradientNorms[0]], step.GradientNorms);
        Assert.Contains("In rollout 1 the gradient's norm is NaN, so its update was not made", step.SkipReason, StringComparison.Ordinal);
        Assert.Equal(step.SkipReason, Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Warning).Message);
        Assert.Equal(0, trainer.Step().SkippedUpdates);
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_noticed_although_its_gradient_is()
    {
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        using AlignmentTrainer trainer = Builder(world).WithRegulariser(new Endless()).Build();

        AlignmentStep step = trainer.Step();

        Assert.Equal(2, step.SkippedUpdates);
        Assert.StartsWith("In rollout 1 the loss is Infinity, so its update was not made", step.SkipReason, StringComparison.Ordinal);
        Expect.SameParameters(before, world.Policy);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void After_the_limit_the_step_fails_and_has_changed_nothing(int limit)
    {
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        bool spoilt = true;
        using AlignmentTrainer trainer = Builder(world).Configure(options => options.MaximumSkippedRollouts = limit).OnGradients(gradients => SpoilIf(spoilt, gradients)).Build();
        for (int step = 0; step < limit; step++)
            Assert.Equal(2, trainer.Step().SkippedUpdates);

        for (int attempt = 0; attempt < 2; attempt++)
        {
            var error = Assert.Throws<InvalidOperationException>(() => trainer.Step());
            Assert.Contains("Lower the learning rate, or look at the surrogate", error.Message, StringComparison.Ordinal);
            Assert.Contains($"In {limit + 1} rollouts in a row updates were not made, and AlignmentOptions.MaximumSkippedRollouts is {limit}.", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(limit, trainer.StepsDone);
        Expect.SameParameters(before, world.Policy);
        spoilt = false;
        Assert.Equal((limit + 1, 0), (trainer.Step().Index, 0));
    }

    [Fact]
    public void After_the_limit_a_reward_is_named()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Builder(world, SpoiltIn(_ => true, double.NaN)).Configure(options => options.MaximumSkippedRollouts = 1).Build();
        trainer.Step();

        var error = Assert.Throws<RewardException>(() => trainer.Step());

        Assert.Contains("Check it for divisions by zero, logarithms of zero and overflow. In 2 rollouts in a row updates were not made", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, trainer.StepsDone);
    }

    [Fact]
    public void A_rollout_of_which_some_updates_were_made_is_kept_when_the_limit_is_passed()
    {
        using var world = new ToyWorld();
        int calls = 0;
        using AlignmentTrainer trainer = Builder(world).Configure(options => options.MaximumSkippedRollouts = 1).OnGradients(gradients => SpoilIf(++calls % 2 == 0, gradients)).Build();
        trainer.Step();

        var error = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains("The rollouts made so far stay made.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, trainer.StepsDone);
    }

    [Fact]
    public void Only_rollouts_in_a_row_count()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Builder(world, SpoiltIn(prepared => prepared % 2 == 0, double.NaN)).Configure(options => options.MaximumSkippedRollouts = 1).Build();

        Assert.Equal([0, 2, 0, 2, 0, 2], [.. Enumerable.Range(0, 6).Select(_ => trainer.Step().SkippedUpdates)]);
    }

    [Fact]
    public void The_count_is_resumed()
    {
        using var folder = new RunTestFolder();
        using (var world = new ToyWorld())
        {
            using AlignmentTrainer trainer = folder.Run(world).WithReward(SpoiltIn(_ => true, double.NaN)).Build();
            trainer.Step();
            trainer.Step();
        }

        using var after = new ToyWorld();
        using AlignmentTrainer resumed = folder.Run(after).WithReward(SpoiltIn(_ => true, double.NaN)).Build();
        Assert.Equal(2, resumed.ResumedFrom);
        resumed.Step();

        Assert.Contains("In 4 rollouts in a row", Assert.Throws<RewardException>(() => resumed.Step()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ruined_policy_is_never_written()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using (AlignmentTrainer trainer = folder.Run(world).Configure(options => options.LearningRate = new Exploding(fromRollout: 3)).WithLogger(logger).Build())
        {
            var error = await Assert.ThrowsAsync<RunFolderException>(() => trainer.AlignAsync());

            Assert.Contains("gets no checkpoint after rollout 4: 'policy.", error.Message, StringComparison.Ordinal);
            Assert.Contains("so the policy is ruined. Build the trainer anew on this folder, which goes back to the newest checkpoint, with a lower learning rate", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["00000002"], folder.Entries());
        using var again = new ToyWorld();
        using AlignmentTrainer mended = folder.Run(again, run => run.AcceptChanges = true).Configure(options => options.LearningRate = 1e-3).Build();
        Assert.Equal(2, mended.ResumedFrom);
        Assert.Equal(12, (await mended.AlignAsync())!.Index);
    }

    private static AlignmentTrainerBuilder Builder(ToyWorld world, Reward? reward = null)
    {
        AlignmentTrainerBuilder builder = world.Builder(options =>
        {
            options.Rollouts = 12;
            options.ImagesPerMinibatch = 2;
            options.MinibatchesPerUpdate = 1;
        });
        return reward is null ? builder : builder.WithReward(reward);
    }

    private static ToyReward SpoiltIn(Func<int, bool> spoilt, double value)
    {
        ToyReward? reward = null;
        reward = new ToyReward((chunk, targets) =>
        {
            Tensor values = ToyReward.PixelError(chunk, targets!);
            return new RewardBatch(spoilt(reward!.Prepared) ? values.fill_(value) : values);
        });
        return reward;
    }

    private static void SpoilIf(bool spoilt, IReadOnlyList<(string Name, Tensor Gradient)> gradients)
    {
        if (spoilt)
            gradients[3].Gradient.fill_(double.NaN);
    }

    private sealed class Endless : IRegulariser
    {
        public string Name => "endless";

        public double Weight => 1;

        public bool NeedsReference => false;

        public bool NeedsTruth => false;

        public Tensor Loss(TokenLogProbabilities tokens) => tokens.Current + double.PositiveInfinity;
    }

    private sealed class Exploding(long fromRollout) : Schedule
    {
        public override (double Lowest, double Highest) Range => (1e-3, 1e300);

        public override double At(long rollout) => rollout < fromRollout ? 1e-3 : 1e39;
    }
}
