using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Stopping;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Stopping;

public class EarlyStoppingTests
{
    [Fact]
    public async Task A_run_that_learns_by_heart_is_stopped_and_the_best_policy_comes_back()
    {
        using var whole = new FewImages();
        double start = whole.HeldOut;
        using AlignmentTrainer toTheEnd = whole.Builder(_ => { }).Build();
        await toTheEnd.AlignAsync();

        using var stopped = new FewImages();
        using AlignmentTrainer trainer = stopped.Builder(_ => { }).StopEarly(stopped.OnHeldOutReward() with { Every = 5, Patience = 4 }).Build();
        AlignmentStep? last = await trainer.AlignAsync();

        // On images that neither training nor stopping has seen.
        Assert.True(whole.HeldOut < start - 0.01, $"{start:F4} to {whole.HeldOut:F4}");
        Assert.True(stopped.HeldOut > start + 0.005, $"{start:F4} to {stopped.HeldOut:F4}, stopped after {last?.Index}, best {trainer.Best}");
        Assert.True(trainer.StoppedEarly);
        Assert.InRange(last!.Index, 25, 150);
        Assert.Equal(trainer.Best!.Step + 4 * 5, last.Index);
    }

    [Fact]
    public async Task It_stops_when_patience_is_at_an_end()
    {
        using var measure = new ScriptedMeasure(1, 2, 5, 4, 4.9);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 50).StopEarly(measure.Stopping).Build();
        Assert.Null(trainer.Best);

        List<AlignmentStep> steps = await Run(trainer);

        Assert.Equal([2, 5, 4, 4.9], steps.Select(step => step.HeldOut));
        Assert.True(trainer.StoppedEarly);
        Assert.Equal(new HeldOutMeasurement(2, 5), trainer.Best);
        Assert.Equal(4, trainer.StepsDone);
        Expect.SameParameters(measure.Measured[2], world.Policy);
        Assert.True(Expect.Change(measure.Measured[^1], world.Policy) > 0);
    }

    [Fact]
    public async Task An_improvement_gives_patience_anew()
    {
        using var measure = new ScriptedMeasure(0, -1, 1, 0, 2, 1, 1);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 50).StopEarly(measure.Stopping).Build();

        Assert.Equal(6, (await Run(trainer)).Count);
        Assert.Equal(new HeldOutMeasurement(4, 2), trainer.Best);
    }

    [Fact]
    public async Task The_starting_policy_may_be_the_best()
    {
        using var measure = new ScriptedMeasure(1, 0, 0.5);
        using var world = new ToyWorld();
        using ToyPolicy start = world.Policy.Copy();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();

        await Run(trainer);

        Assert.Equal(new HeldOutMeasurement(0, 1), trainer.Best);
        Expect.SameParameters(start, world.Policy);
    }

    [Fact]
    public async Task A_distance_is_better_when_lower()
    {
        using var measure = new ScriptedMeasure(9, 7, 8, 7.5);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping with { HigherIsBetter = false }).Build();

        await Run(trainer);

        Assert.Equal((new HeldOutMeasurement(1, 7), true), (trainer.Best, trainer.StoppedEarly));
    }

    [Theory]
    [InlineData(0, 3)] // 1.5 is better than 1
    [InlineData(0.5, 3)] // by exactly enough
    [InlineData(0.6, 2)]
    public async Task An_improvement_must_be_large_enough(double minimum, int rollouts)
    {
        using var measure = new ScriptedMeasure(1, 1.5, 1.25, 1.5);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping with { MinimumImprovement = minimum }).Build();

        Assert.Equal(rollouts, (await Run(trainer)).Count);
    }

    [Fact]
    public async Task It_measures_at_the_start_every_so_often_and_at_the_end()
    {
        using var measure = new ScriptedMeasure(1, 2, 3, 4);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 7).StopEarly(measure.Stopping with { Every = 3 }).Build();

        List<AlignmentStep> steps = await Run(trainer);

        Assert.Equal([null, null, 2, null, null, 3, 4], steps.Select(step => step.HeldOut));
        Assert.Equal((new HeldOutMeasurement(7, 4), false), (trainer.Best, trainer.StoppedEarly));
        Expect.SameParameters(measure.Measured[^1], world.Policy);
    }

    [Fact]
    public async Task A_run_that_is_done_gets_the_best_parameters_too()
    {
        using var measure = new ScriptedMeasure(1, 2, 3, 2, 2);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();

        await Run(trainer);

        Assert.Equal((4, false), (trainer.StepsDone, trainer.StoppedEarly));
        Expect.SameParameters(measure.Measured[2], world.Policy);
    }

    [Fact]
    public async Task The_last_parameters_stay_where_the_best_are_not_kept()
    {
        using var measure = new ScriptedMeasure(3, 2, 1);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping with { KeepBest = false }).Build();

        await Run(trainer);

        Assert.True(trainer.StoppedEarly);
        Assert.Equal(new HeldOutMeasurement(0, 3), trainer.Best);
        Expect.SameParameters(measure.Measured[^1], world.Policy);
    }

    [Theory]
    [InlineData(true, "ended early, after 2 rollouts")]
    [InlineData(false, "ended with its last rollout, after 4 rollouts")]
    public async Task After_its_end_there_is_no_further_step(bool early, string message)
    {
        using var measure = new ScriptedMeasure(early ? [2, 1, 1] : [1, 2, 3, 4, 5]);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();
        await Run(trainer);
        using ToyPolicy ended = world.Policy.Copy();

        Assert.Empty(await Run(trainer));
        Assert.Null(await trainer.AlignAsync());
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => trainer.Step()).Message, StringComparison.Ordinal);
        Expect.SameParameters(ended, world.Policy);
    }

    [Fact]
    public void Steps_by_hand_end_as_a_run_does()
    {
        using var measure = new ScriptedMeasure(2, 3, 1, 1);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();

        var steps = new List<double?>();
        while (!trainer.StoppedEarly)
            steps.Add(trainer.Step().HeldOut);

        Assert.Equal([3, 1, 1], steps);
        Expect.SameParameters(measure.Measured[1], world.Policy);
    }

    [Fact]
    public async Task Trainers_may_share_it()
    {
        using var world = new ToyWorld();
        var measuring = new AlignmentOptions { ImagesPerRollout = 5, GroupSize = 4 };
        EarlyStopping stopping = EarlyStopping.OnHeldOutReward(world.Tokenizer, Reward.MeanSquaredError(), world.Images, measuring, imageCount: 10);
        using AlignmentTrainer first = world.Builder(options => options.LearningRate = 0).StopEarly(stopping).Build();
        using AlignmentTrainer second = world.Builder(options => options.LearningRate = 0).StopEarly(stopping).Build();

        await Run(first);
        await Run(second);

        // The policy has not changed, so nor has what it measures.
        Assert.Equal((0, first.Best!.Value), (first.Best.Step, second.Best!.Value));
    }

    [Fact]
    public async Task What_it_decides_is_logged()
    {
        using var measure = new ScriptedMeasure(1, 2.5, 2, 2.25);
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world.Builder().WithLogger(logger).StopEarly(measure.Stopping).Build();

        await Run(trainer);

        Assert.All(logger.Entries, entry => Assert.Equal(LogLevel.Information, entry.Level));
        Assert.Equal(
            [
                "After rollout 0 the scripted measure is 1, the best so far",
                "After rollout 1 the scripted measure is 2.5, the best so far",
                "After rollout 2 the scripted measure is 2; the best is 2.5 after rollout 1, 1 of 2 measurements ago",
                "After rollout 3 the scripted measure is 2.25; the best is 2.5 after rollout 1, 2 of 2 measurements ago",
                "Stopped early after rollout 3: 2 measurements of the scripted measure brought no improvement on 2.5 after rollout 1",
                "The policy has its parameters of after rollout 1 again",
            ],
            logger.Entries.Select(entry => entry.Message).Where(message => !message.StartsWith("Rollout", StringComparison.Ordinal) && !message.StartsWith("Aligning", StringComparison.Ordinal)));
    }

    [Fact]
    public void All_that_is_out_of_range_is_named_together_with_other_problems()
    {
        var stopping = new EarlyStopping { Name = " ", HigherIsBetter = true, Measure = null!, Every = 0, Patience = -1, MinimumImprovement = double.NaN };

        var exception = Assert.Throws<InvalidOperationException>(() => AlignmentTrainer.CreateBuilder().StopEarly(stopping).Build());

        Assert.All(
            [
                "no tokenizer", "EarlyStopping.Name is empty", "EarlyStopping.Measure is null", "EarlyStopping.Every is 0; allowed: 1 or more",
                "EarlyStopping.Patience is -1; allowed: 1 or more", "EarlyStopping.MinimumImprovement is NaN; allowed: 0 or above",
            ],
            problem => Assert.Contains(problem, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_held_out_reward_cannot_be_measured_with_is_refused_at_once()
    {
        using var world = new ToyWorld();
        EarlyStopping On(AlignmentOptions options, int images) =>
            EarlyStopping.OnHeldOutReward(world.Tokenizer, Reward.MeanSquaredError(), world.Images, options, images);

        Assert.Throws<ArgumentOutOfRangeException>(() => On(new AlignmentOptions(), 0));
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => On(new AlignmentOptions { GroupSize = 0 }, 1));
        Assert.Throws<ArgumentNullException>(() => EarlyStopping.OnHeldOutReward(world.Tokenizer, null!, world.Images, new AlignmentOptions(), 1));
        Assert.Throws<ArgumentNullException>(() => AlignmentTrainer.CreateBuilder().StopEarly(null!));
    }

    private static async Task<List<AlignmentStep>> Run(AlignmentTrainer trainer)
    {
        var steps = new List<AlignmentStep>();
        await foreach (AlignmentStep step in trainer.RunAsync())
            steps.Add(step);
        return steps;
    }
}
