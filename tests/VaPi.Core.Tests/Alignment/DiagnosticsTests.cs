using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Stopping;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

/// <summary>Messages and measurements. Instruments are the process's, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class DiagnosticsTests
{
    [Fact]
    public void Beginning_and_every_step_are_logged()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 7).WithLogger(logger).Build();

        AlignmentStep step = trainer.Step();

        Assert.Equal([LogLevel.Information, LogLevel.Information], logger.Entries.Select(entry => entry.Level));
        long parameters = world.Policy.NamedParameters().Sum(named => named.Parameter.numel());
        Assert.StartsWith($"Aligning {parameters} parameters on 10 images: 7 rollouts of 4 images with 4 samples each, 1 updates a rollout", logger.Entries[0].Message, StringComparison.Ordinal);
        Assert.StartsWith($"Rollout 1: reward {step.Reward.Mean:F4}", logger.Entries[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reward_without_differences_is_warned_of()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world.Builder(options => options.GroupSize = 3).WithReward(ToyReward.Constant(-0.1)).WithLogger(logger).Build();

        trainer.Step();

        Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Warning && entry.Message.Contains("same reward", StringComparison.Ordinal));
    }

    [Fact]
    public void Cancelled_and_failed_steps_are_logged()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using var source = new CancellationTokenSource();
        using AlignmentTrainer trainer = world
            .Builder()
            .WithReward(ToyReward.Error(scored =>
            {
                if (scored == 2)
                    throw new FormatException();
                source.Cancel();
            }))
            .WithLogger(logger)
            .Build();

        Assert.Throws<OperationCanceledException>(() => trainer.Step(source.Token));
        Assert.Throws<VaPi.Rewards.RewardException>(() => trainer.Step());

        Assert.Contains(logger.Entries, entry => entry.Message == "Cancelled in rollout 1; it has changed nothing");
        Assert.Contains(logger.Entries, entry => entry is { Level: LogLevel.Error, Message: "Rollout 1 failed", Exception: VaPi.Rewards.RewardException });
    }

    [Fact]
    public void Minibatches_that_are_discarded_are_logged_once()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (1, 3))
            .WithLogger(logger)
            .Build();

        trainer.Step();

        Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Debug && entry.Message.StartsWith("1 minibatches", StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_are_measured()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options => (options.ImagesPerMinibatch, options.MinibatchesPerUpdate, options.MonitorKl) = (2, 1, true));
        AlignmentStep? step = null;

        List<(string, double)> measured = Measured(() => step = trainer.Step());

        (string, double)[] expected =
        [
            ("vapi.rollouts", 1), ("vapi.updates", 2), ("vapi.skipped_updates", 0), ("vapi.images", 4), ("vapi.unreadable_images", 0),
            ("vapi.step.duration", step!.Seconds.Total),
            ("vapi.phase.duration vapi.phase.name=data", step.Seconds.Data), ("vapi.phase.duration vapi.phase.name=encode", step.Seconds.Encode),
            ("vapi.phase.duration vapi.phase.name=sample", step.Seconds.Sample), ("vapi.phase.duration vapi.phase.name=score", step.Seconds.Score),
            ("vapi.phase.duration vapi.phase.name=train", step.Seconds.Train), ("vapi.phase.duration vapi.phase.name=update", step.Seconds.Update),
            ("vapi.reward", step.Reward.Mean), ("vapi.gradient.norm", step.GradientNorm), ("vapi.prior.loss", step.PriorLoss!.Value),
            ("vapi.kl.divergence", step.KlDivergence!.Value), ("vapi.entropy", step.Entropy!.Value), ("vapi.learning_rate", step.LearningRate), ("vapi.context_noise", step.ContextNoise),
        ];
        Assert.Equal(expected.Order(), measured.Order());
    }

    [Fact]
    public void What_was_not_measured_is_not_told()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithSurrogate(new VaPi.Alignment.Surrogates.NoPolicyLoss()).Build();

        List<(string Name, double)> measured = Measured(() => trainer.Step());

        Assert.DoesNotContain(measured, each => each.Name.StartsWith("vapi.kl", StringComparison.Ordinal));
        Assert.Contains(measured, each => each.Name == "vapi.prior.loss");
    }

    [Fact]
    public void Held_out_measurements_are_told_with_their_name_and_the_runs()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder(options => options.Rollouts = 2)
            .WithName("night")
            .StopEarly(new EarlyStopping { Name = "distance", Measure = (_, _) => 0.5, HigherIsBetter = false, Every = 1 })
            .Build();

        List<(string Name, double Value)> measured = Measured(() => trainer.Step());

        (string, double) expected = ("vapi.held_out vapi.held_out.name=distance vapi.run.name=night", 0.5);
        Assert.Equal([expected, expected], measured.Where(each => each.Name.StartsWith("vapi.held_out", StringComparison.Ordinal))); // the start, and rollout 1
        Assert.All(measured, each => Assert.Contains("vapi.run.name=night", each.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_step_is_an_activity_and_so_are_its_phases()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        var ended = new List<Activity>();
        AlignmentStep unheard = trainer.Step();
        using (var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "VaPi.Alignment",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        })
        {
            ActivitySource.AddActivityListener(listener);
            trainer.Step();
        }

        trainer.Step();

        Activity step = Assert.Single(ended, activity => activity.OperationName == "vapi.step");
        Assert.Equal(unheard.Index + 1, step.GetTagItem("vapi.step.index"));
        Assert.Equal(["vapi.data", "vapi.encode", "vapi.sample", "vapi.score", "vapi.train", "vapi.update"], ended.SkipLast(1).Select(phase => phase.OperationName));
        Assert.All(ended.SkipLast(1), phase => Assert.Equal(step.SpanId, phase.ParentSpanId));

        // They follow on each other, and lie within the step; clocks of two kinds agree to a millisecond or so.
        var slack = TimeSpan.FromMilliseconds(20);
        Assert.All(ended.Zip(ended.Skip(1).SkipLast(1)), pair => Assert.InRange(pair.Second.StartTimeUtc - (pair.First.StartTimeUtc + pair.First.Duration), -slack, slack));
        Assert.InRange(ended.SkipLast(1).Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Duration), step.Duration * 0.2, step.Duration + slack);
    }

    [Fact]
    public void A_failed_step_is_a_failed_activity()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithReward(ToyReward.Error(_ => throw new FormatException("no reward today"))).Build();
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "VaPi.Alignment",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);

        Assert.ThrowsAny<Exception>(() => trainer.Step());

        Assert.Equal(ActivityStatusCode.Error, ended[^1].Status);
        Assert.Contains("no reward today", ended[^1].StatusDescription, StringComparison.Ordinal);
    }

    /// <summary>What an action measures: instrument and tags, and the value.</summary>
    private static List<(string Name, double Value)> Measured(Action action)
    {
        var measured = new List<(string Name, double Value)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "VaPi.Alignment")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Add((Name(instrument, tags), value)));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add((Name(instrument, tags), value)));
        listener.Start();
        action();
        return measured;

        static string Name(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal)]);
    }
}
