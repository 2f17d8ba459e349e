using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
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
        using AlignmentTrainer trainer = world.Trainer(options => (options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (2, 1));
        var measured = new List<(string Name, double Value)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "VaPi.Alignment")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.Add((instrument.Name, value)));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured.Add((instrument.Name, value)));
        listener.Start();

        AlignmentStep step = trainer.Step();

        (string, double)[] expected =
        [
            ("vapi.rollouts", 1), ("vapi.updates", 2), ("vapi.images", 4), ("vapi.step.duration", step.Seconds.Total),
            ("vapi.reward", step.Reward.Mean), ("vapi.gradient.norm", step.GradientNorm),
        ];
        Assert.Equal(expected.Order(), measured.Order());
    }
}
