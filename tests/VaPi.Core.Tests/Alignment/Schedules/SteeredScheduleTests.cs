using Microsoft.Extensions.Options;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Schedules;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Schedules;

public class SteeredScheduleTests
{
    [Fact]
    public void By_itself_it_is_the_schedule_that_is_steered()
    {
        Schedule steered = Schedule.Linear(1, 0, 4).SteeredBy(Signal.KlToStart, target: 0.1, gain: 1);

        Assert.Equal([1, 0.5, 0], new[] { steered.At(0), steered.At(2), steered.At(9) });
    }

    [Fact]
    public void Its_range_is_that_of_all_its_factors()
    {
        Schedule once = Schedule.Linear(2, 4, 5).SteeredBy(Signal.KlToStart, 0.1, 1, lowestFactor: 0.5, highestFactor: 3);
        Schedule twice = once.SteeredBy(Signal.Entropy, 1, 1, lowestFactor: 0.1, highestFactor: 2);

        Assert.Equal((1.0, 12.0), once.Range);
        Assert.Equal((0.1, 24.0), twice.Range);
        Assert.Equal((-3.0, -0.5), Schedule.Constant(-1).SteeredBy(Signal.Entropy, 1, 1, 0.5, 3).Range);
        Assert.True(double.IsNaN(Schedule.Constant(double.NaN).SteeredBy(Signal.Entropy, 1, 1).Range.Highest));
    }

    [Theory]
    [InlineData("target", 0, 1, 0.5, 2, "above 0")]
    [InlineData("target", double.NaN, 1, 0.5, 2, "above 0")]
    [InlineData("target", double.PositiveInfinity, 1, 0.5, 2, "above 0")]
    [InlineData("gain", 1, 0, 0.5, 2, "any number but 0")]
    [InlineData("gain", 1, double.NaN, 0.5, 2, "any number but 0")]
    [InlineData("lowestFactor", 1, 1, 0, 2, "above 0, up to 1")]
    [InlineData("lowestFactor", 1, 1, 1.1, 2, "above 0, up to 1")]
    [InlineData("highestFactor", 1, 1, 0.5, 0.9, "1 or above")]
    [InlineData("highestFactor", 1, 1, 0.5, double.PositiveInfinity, "1 or above")]
    public void A_number_out_of_range_is_named(string argument, double target, double gain, double lowest, double highest, string allowed)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(1).SteeredBy(Signal.Entropy, target, gain, lowest, highest));

        Assert.Equal(argument, exception.ParamName);
        Assert.Contains($"Steering by entropy: {argument} is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"allowed: {allowed}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => Schedule.Constant(1).SteeredBy(null!, 1, 1));
        Assert.Throws<ArgumentNullException>(() => Signal.Of("name", null!));
        Assert.Throws<ArgumentException>(() => Signal.Of(" ", _ => 1));
    }

    [Fact]
    public void A_run_follows_the_law_from_what_it_measured()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options =>
        {
            options.ContextNoise = Schedule.Linear(0.5, 0.25, 8).SteeredBy(Signal.Entropy, target: 2, gain: 0.3, lowestFactor: 0.1, highestFactor: 2);
            options.LearningRate = Schedule.Constant(1e-2)
                .SteeredBy(Signal.KlToStart, target: 0.02, gain: 0.4)
                .SteeredBy(Signal.Entropy, target: 2.2, gain: -0.2, lowestFactor: 0.5, highestFactor: 1.5);
        });

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 8).Select(_ => trainer.Step())];

        (double noise, double byKl, double byEntropy) = (1, 1, 1);
        for (int rollout = 0; rollout < steps.Count; rollout++)
        {
            AlignmentStep step = steps[rollout];
            Assert.Equal((0.5 - 0.25 * rollout / 8) * noise, step.ContextNoise, 1e-12);
            Assert.Equal(1e-2 * byKl * byEntropy, step.LearningRate, 1e-12);
            double kl = step.KlDivergence!.Value;
            double entropy = step.Entropy!.Value;
            noise = Math.Clamp(noise * Math.Exp(0.3 * Math.Clamp((2 - entropy) / 2, -1, 1)), 0.1, 2);
            byKl = Math.Clamp(byKl * Math.Exp(0.4 * Math.Clamp((0.02 - kl) / 0.02, -1, 1)), 0.01, 1);
            byEntropy = Math.Clamp(byEntropy * Math.Exp(-0.2 * Math.Clamp((2.2 - entropy) / 2.2, -1, 1)), 0.5, 1.5);
        }

        // Each factor has moved, so that the equalities above say something.
        Assert.All([noise, byKl, byEntropy], factor => Assert.True(Math.Abs(factor - 1) > 0.02));
    }

    [Fact]
    public void The_rate_that_is_recorded_is_the_one_that_was_used()
    {
        using var steered = new ToyWorld();
        using var replayed = new ToyWorld();
        using AlignmentTrainer first = steered.Trainer(options => options.LearningRate = Schedule.Constant(1e-2).SteeredBy(Signal.KlToStart, 0.01, 1));
        List<AlignmentStep> steps = [.. Enumerable.Range(0, 6).Select(_ => first.Step())];
        using AlignmentTrainer second = replayed.Trainer(options =>
            (options.LearningRate, options.MonitorKl) = (new Recorded([.. steps.Select(step => step.LearningRate)]), true));

        Assert.Equal(steps.Select(Expect.Digest), Expect.Digests(second, 6));
        Assert.True(steps[^1].LearningRate < 0.9e-2);
        Expect.SameParameters(steered.Policy, replayed.Policy);
    }

    [Fact]
    public void The_noise_that_is_recorded_is_the_one_that_rollouts_get()
    {
        using var world = new ToyWorld();
        var rollouts = new Changed(rollout => rollout);
        using AlignmentTrainer trainer = world
            .Builder(options => options.ContextNoise = Schedule.Constant(0.5).SteeredBy(Signal.Entropy, 1, 0.5, highestFactor: 2))
            .WithRollouts(rollouts)
            .Build();

        List<double> recorded = [.. Enumerable.Range(0, 4).Select(_ => trainer.Step().ContextNoise)];

        Assert.Equal(recorded, rollouts.Noise);
        Assert.Equal(4, recorded.Distinct().Count());
    }

    [Fact]
    public void Steering_by_the_divergence_measures_it()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer steered = world.Trainer(options => options.ContextNoise = Schedule.Constant(0.5).SteeredBy(Signal.KlToStart, 0.1, 1));
        using AlignmentTrainer other = world.Trainer(options => options.ContextNoise = Schedule.Constant(0.5).SteeredBy(Signal.Entropy, 0.1, 1));

        AlignmentStep step = steered.Step();

        // Measured, but no part of the loss.
        Assert.NotNull(step.KlDivergence);
        Assert.Equal(step.Minibatches[0].PolicyLoss + 0.1 * step.Minibatches[0].Regularisers["prior"], step.Minibatches[0].Loss, 1e-6);
        Assert.Null(other.Step().KlDivergence);
    }

    [Fact]
    public void Rollouts_without_an_entropy_cannot_be_steered_by_it()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder(options => options.LearningRate = Schedule.Constant(1e-2).SteeredBy(Signal.Entropy, 1, -0.5))
            .WithRollouts(new Changed(WithoutEntropy))
            .Build();
        using ToyPolicy before = world.Policy.Copy();

        var exception = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains("Changed gave no Entropy, by which a schedule is steered", exception.Message, StringComparison.Ordinal);
        Expect.SameParameters(before, world.Policy);
    }

    [Fact]
    public void A_noise_that_could_be_driven_above_one_is_refused()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => AlignmentTrainer.CreateBuilder()
            .Configure(options => options.ContextNoise = Schedule.Constant(0.5).SteeredBy(Signal.Entropy, 1, 0.1, lowestFactor: 0.5, highestFactor: 3))
            .Build());

        Assert.Equal("ContextNoise is 0.25 to 1.5; allowed: 0 to 1.", Assert.Single(exception.Failures));
    }

    [Fact]
    public void Trainers_that_share_options_are_steered_apart()
    {
        using var world = new ToyWorld();
        using var other = new ToyWorld();
        var options = new AlignmentOptions
        {
            ImagesPerRollout = 4,
            GroupSize = 4,
            LearningRate = Schedule.Constant(1e-2).SteeredBy(Signal.Entropy, target: 10, gain: -0.5),
        };
        using AlignmentTrainer first = world.Builder().WithOptions(options).Build();
        using AlignmentTrainer second = other.Builder().WithOptions(options).Build();
        List<string> expected = Expect.Digests(first, 3);

        Assert.Equal(expected, Expect.Digests(second, 3));
    }

    [Fact]
    public void A_step_that_fails_steers_nothing()
    {
        using var usual = new ToyWorld();
        using var failing = new ToyWorld();
        static void Steer(AlignmentOptions options) => options.LearningRate = Schedule.Constant(1e-2).SteeredBy(Signal.Entropy, target: 10, gain: -0.5);
        using AlignmentTrainer usualTrainer = usual.Builder(Steer).WithReward(ToyReward.Error(_ => { })).Build();
        bool failed = false;
        using AlignmentTrainer trainer = failing.Builder(Steer)
            .WithReward(ToyReward.Error(scored =>
            {
                if (scored != 2 || failed)
                    return;
                failed = true;
                throw new FormatException();
            }))
            .Build();
        List<string> expected = Expect.Digests(usualTrainer, 3);
        List<string> steps = Expect.Digests(trainer, 1);

        Assert.Throws<VaPi.Rewards.RewardException>(() => trainer.Step());

        Assert.Equal(expected, [.. steps, .. Expect.Digests(trainer, 2)]);
    }

    [Fact]
    public void The_held_out_reward_is_measured_under_the_noise_before_steering()
    {
        using var world = new ToyWorld();
        double Measured(Schedule noise) => HeldOutReward.Measure(
            world.Policy, world.Tokenizer, Reward.MeanSquaredError(), world.Images, new AlignmentOptions { ImagesPerRollout = 4, GroupSize = 4, ContextNoise = noise }, 8).Mean;

        Assert.Equal(Measured(0.4), Measured(Schedule.Constant(0.4).SteeredBy(Signal.Entropy, 1, 1)));
        Assert.NotEqual(Measured(0.4), Measured(0.9));
    }

    private static Rollout WithoutEntropy(Rollout rollout) => new()
    {
        Condition = rollout.Condition,
        Context = rollout.Context,
        Samples = rollout.Samples,
        OldLogProbabilities = rollout.OldLogProbabilities,
        TrueTokens = rollout.TrueTokens,
    };

    /// <summary>Teacher-forced rollouts, changed; it writes down the noise it is asked for.</summary>
    private sealed class Changed(Func<Rollout, Rollout> change) : IRolloutSource
    {
        private readonly TeacherForced _inner = new();

        public List<double> Noise { get; } = [];

        public bool HasTargets => true;

        public Rollout Collect(RolloutRequest request)
        {
            Noise.Add(request.ContextNoise);
            return change(_inner.Collect(request));
        }
    }

    /// <summary>A schedule of the user's own.</summary>
    private sealed class Recorded(IReadOnlyList<double> values) : Schedule
    {
        public override (double Lowest, double Highest) Range => (values.Min(), values.Max());

        public override double At(long rollout) => values[(int)rollout];
    }
}
