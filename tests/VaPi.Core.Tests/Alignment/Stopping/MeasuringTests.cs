using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Stopping;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Stopping;

/// <summary>What a measurement does to a run. Dropout comes from the process's one generator, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class MeasuringTests
{
    [Fact]
    public void Measuring_changes_nothing_in_training_or_elsewhere()
    {
        using var usual = new ToyWorld(dropout: 0.2);
        using var measured = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer usualTrainer = usual.Trainer();
        List<string> expected = Expect.Digests(usualTrainer, 4);
        EarlyStopping stopping = EarlyStopping.OnHeldOutReward(
            measured.Tokenizer, Reward.MeanSquaredError(), measured.Images, new AlignmentOptions { ImagesPerRollout = 5, GroupSize = 4 }, imageCount: 10);
        Func<IAutoregressivePolicy, CancellationToken, double> reward = stopping.Measure;
        using AlignmentTrainer trainer = measured.Builder()
            .StopEarly(stopping with
            {
                Every = 1,
                Patience = 10,
                KeepBest = false,
                Measure = (policy, cancellationToken) =>
                {
                    // With dropout, and other numbers from the global generator.
                    using var condition = new ClassCondition([0]);
                    policy.Features(condition, zeros(1, policy.TokenCount, ScalarType.Int64), PolicyMode.Training);
                    rand(100);
                    return reward(policy, cancellationToken);
                },
            })
            .Build();
        using Tensor global = get_rng_state();

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 4).Select(_ => trainer.Step())];

        Assert.All(steps, step => Assert.NotNull(step.HeldOut));
        Assert.Equal(expected, steps.Select(Expect.Digest));
        Expect.SameParameters(usual.Policy, measured.Policy);
        using Tensor after = get_rng_state();
        Expect.Identical(global, after, "the global generator's state");
    }

    [Fact]
    public void Every_measurement_draws_the_same_numbers_without_gradients_and_leaves_no_tensors()
    {
        using var world = new ToyWorld(dropout: 0.2);
        var drawn = new List<float>();
        var made = new List<Tensor>();
        using AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 2)
            .StopEarly(new EarlyStopping
            {
                Name = "drawn",
                HigherIsBetter = true,
                Every = 1,
                Measure = (_, _) =>
                {
                    Assert.False(is_grad_enabled());
                    made.Add(rand(1));
                    drawn.Add(made[^1].item<float>());
                    return 0;
                },
            })
            .Build();

        trainer.Step();
        using Tensor between = rand(7);
        trainer.Step();

        Assert.Equal(3, drawn.Count);
        Assert.Single(drawn.Distinct());
        Assert.All(made, tensor => Assert.True(tensor.IsInvalid));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_measurement_that_is_no_number_is_an_error_that_names_it(double value)
    {
        using var measure = new ScriptedMeasure(1, value);
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();

        var exception = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains($"After rollout 1 measuring the scripted measure gave {value} where a finite number is due", exception.Message, StringComparison.Ordinal);
        Assert.Contains("EarlyStopping.Measure", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_measurement_that_failed_the_run_measures_again_and_goes_on_as_if_it_had_not()
    {
        using var usual = new ToyWorld();
        using var failing = new ToyWorld();
        using var usualMeasure = new ScriptedMeasure(1, 2, 4, 3, 3);
        bool failed = false;
        using var measure = new ScriptedMeasure(1, 2, 4, 3, 3)
        {
            Before = number =>
            {
                if (number != 2 || failed)
                    return;
                failed = true;
                throw new FormatException("of the test.");
            },
        };
        using AlignmentTrainer usualTrainer = usual.Builder().StopEarly(usualMeasure.Stopping).Build();
        using AlignmentTrainer trainer = failing.Builder().StopEarly(measure.Stopping).Build();
        await usualTrainer.AlignAsync();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.AlignAsync());
        Assert.Equal(2, trainer.StepsDone);
        await trainer.AlignAsync();

        Assert.Contains("After rollout 2 measuring the scripted measure failed (of the test.).", exception.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(exception.InnerException);
        Assert.Equal((usualTrainer.Best, usualTrainer.StoppedEarly, usualTrainer.StepsDone), (trainer.Best, trainer.StoppedEarly, trainer.StepsDone));
        Expect.SameParameters(usual.Policy, failing.Policy);
    }

    [Fact]
    public async Task A_failed_last_measurement_is_made_up_for_by_the_next_run()
    {
        bool failed = false;
        using var measure = new ScriptedMeasure(1, 3, 2, 2.5, 2.9)
        {
            Before = number =>
            {
                if (number != 4 || failed)
                    return;
                failed = true;
                throw new FormatException();
            },
        };
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping with { Patience = 5 }).Build();
        await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.AlignAsync());
        Assert.True(Expect.Change(measure.Measured[1], world.Policy) > 0);

        Assert.Null(await trainer.AlignAsync());

        Assert.Equal(4, trainer.StepsDone);
        Expect.SameParameters(measure.Measured[1], world.Policy);
    }

    [Fact]
    public async Task A_step_that_is_cancelled_while_measuring_is_made_and_measured_later()
    {
        using var usual = new ToyWorld();
        using var world = new ToyWorld();
        using var source = new CancellationTokenSource();
        using var usualMeasure = new ScriptedMeasure(1, 2, 4, 3, 3);
        using var measure = new ScriptedMeasure(1, 2, 4, 3, 3)
        {
            Before = number =>
            {
                if (number != 2 || source.IsCancellationRequested)
                    return;
                source.Cancel();
                source.Token.ThrowIfCancellationRequested();
            },
        };
        using AlignmentTrainer usualTrainer = usual.Builder().StopEarly(usualMeasure.Stopping).Build();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();
        await usualTrainer.AlignAsync();
        var steps = new List<AlignmentStep>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (AlignmentStep step in trainer.RunAsync(source.Token))
                steps.Add(step);
        });
        Assert.Equal([2, null], steps.Select(step => step.HeldOut));
        await trainer.AlignAsync();

        Assert.Equal((usualTrainer.Best, usualTrainer.StoppedEarly), (trainer.Best, trainer.StoppedEarly));
        Expect.SameParameters(usual.Policy, world.Policy);
    }

    [Fact]
    public void Cancelled_while_measuring_the_start_nothing_has_happened()
    {
        using var source = new CancellationTokenSource();
        using var measure = new ScriptedMeasure(1, 2)
        {
            Before = _ =>
            {
                if (source.IsCancellationRequested)
                    return;
                source.Cancel();
                source.Token.ThrowIfCancellationRequested();
            },
        };
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();

        Assert.Throws<OperationCanceledException>(() => trainer.Step(source.Token));
        Assert.Equal((0, null), (trainer.StepsDone, trainer.Best));

        Assert.Equal(2, trainer.Step().HeldOut);
        Assert.Equal(2, measure.Measured.Count);
    }

    [Fact]
    public void A_measure_that_cancels_itself_has_failed()
    {
        using var measure = new ScriptedMeasure { Before = _ => throw new OperationCanceledException() };
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();

        Assert.IsType<OperationCanceledException>(Assert.Throws<InvalidOperationException>(() => trainer.Step()).InnerException);
    }
}
