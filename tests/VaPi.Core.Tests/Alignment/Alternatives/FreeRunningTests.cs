using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Rollouts;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Alternatives;

public class FreeRunningTests
{
    [Fact]
    public void Every_sample_is_its_own_context_under_its_images_condition()
    {
        using var world = new ToyWorld();
        using var rollouts = new RecordingRollouts(source: new FreeRunning());
        using AlignmentTrainer trainer = Builder(world).WithRollouts(rollouts).Build();

        trainer.Step();

        RecordingRollouts.Record rollout = rollouts.Records[0];
        Assert.Equal([16, 1, 16], rollout.Samples.shape);
        Expect.Identical(rollout.Samples.squeeze(1), rollout.Context);
        long[] labels = ((ClassCondition)rollout.Condition).Labels.data<long>().ToArray();
        Assert.All(labels.Chunk(4), group => Assert.Single(group.Distinct()));
        Assert.True(labels.Distinct().Count() > 1);
        Assert.True(rollout.Samples.view(4, 4, 16).select(1, 0).ne(rollout.Samples.view(4, 4, 16).select(1, 1)).any().item<bool>());
        Assert.Null(rollout.Truth);
    }

    [Fact]
    public void Old_log_probabilities_are_those_of_the_plain_forward()
    {
        using var world = new ToyWorld();
        using ToyPolicy start = world.Policy.Copy();
        using var rollouts = new RecordingRollouts(source: new FreeRunning());
        using AlignmentTrainer trainer = Builder(world, options => (options.Temperature, options.ImagesPerMinibatch) = (0.7, 1)).WithRollouts(rollouts).Build();

        AlignmentStep step = trainer.Step();

        RecordingRollouts.Record rollout = rollouts.Records[0];
        Tensor ofAll = (start.Head(start.Features(rollout.Condition, rollout.Context, PolicyMode.Evaluation)) / 0.7).log_softmax(-1);
        Expect.Close(ofAll.gather(-1, rollout.Context.unsqueeze(-1)).squeeze(-1), rollout.Old.squeeze(1), 1e-5);
        Assert.Equal(-(ofAll.exp() * ofAll).sum(-1).mean().item<float>(), step.Entropy!.Value, 1e-5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public void Generation_follows_the_options_whatever_is_generated_side_by_side(int? samplesAtATime)
    {
        (List<string> whole, _) = Run(null);
        (List<string> parts, ToyGenerator generator) = Run(samplesAtATime);

        Assert.Equal(whole, parts);
        Assert.Equal(samplesAtATime is null ? [16] : [5, 5, 5, 1], generator.Calls.Take(samplesAtATime is null ? 1 : 4).Select(call => call.Images));
        Assert.All(generator.Calls, call => Assert.Equal((1.5, 0.9, 7, 0.95), (call.Options.Guidance, call.Options.Temperature, call.Options.TopK, call.Options.TopP)));

        static (List<string> Steps, ToyGenerator Generator) Run(int? samplesAtATime)
        {
            using var world = new ToyWorld();
            var generator = new ToyGenerator(world.Policy);
            using AlignmentTrainer trainer = Builder(world, options => (options.Temperature, options.TopK, options.TopP) = (0.9, 7, 0.95))
                .WithPolicy(generator)
                .WithRollouts(new FreeRunning { SamplesAtATime = samplesAtATime, Guidance = 1.5 })
                .Build();
            return (Expect.Digests(trainer, 2), generator);
        }
    }

    [Fact]
    public void The_reward_rises()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Builder(world, options => options.GroupSize = 8).Build();

        List<double> rewards = [.. Enumerable.Range(0, 60).Select(_ => trainer.Step().Reward.Mean)];

        Assert.True(rewards.TakeLast(10).Average() > rewards.Take(10).Average() + 0.2, $"from {rewards.Take(10).Average():F3} to {rewards.TakeLast(10).Average():F3}");
    }

    [Fact]
    public void A_resumed_run_continues_bit_for_bit()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Builder(world).Build();
        trainer.Step();
        using VaPi.Alignment.State.TrainerState state = trainer.CaptureState();
        List<string> straight = Expect.Digests(trainer, 2);
        using var other = new ToyWorld();
        using AlignmentTrainer resumed = Builder(other).Build();

        resumed.RestoreState(state);

        Assert.Equal(straight, Expect.Digests(resumed, 2));
    }

    [Fact]
    public void Cancelling_while_tokens_are_generated_changes_nothing()
    {
        using var world = new ToyWorld();
        using var untouched = new ToyWorld();
        using var cancelling = new CancellationTokenSource();
        using AlignmentTrainer trainer = Builder(world)
            .WithRollouts(new Cancelling(cancelling))
            .Build();

        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Step(cancelling.Token));
        Expect.SameParameters(untouched.Policy, world.Policy);
        Assert.Equal(0, trainer.StepsDone);
    }

    [Fact]
    public void A_policy_that_cannot_generate_and_a_reward_with_originals_are_refused()
    {
        using var world = new ToyWorld();
        AlignmentTrainerBuilder builder = world.Builder().WithRollouts(new FreeRunning());

        string message = Assert.Throws<InvalidOperationException>(builder.Build).Message;

        Assert.Contains("FreeRunning rollouts need a policy that generates (ITokenGenerator), which ToyPolicy does not", message, StringComparison.Ordinal);
        Assert.Contains("'mean squared error' compares with original images, which FreeRunning rollouts do not have", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FreeRunning { Guidance = 0.5 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FreeRunning { Guidance = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FreeRunning { SamplesAtATime = 0 });
    }

    private static AlignmentTrainerBuilder Builder(ToyWorld world, Action<AlignmentOptions>? configure = null) => world
        .Builder(options =>
        {
            options.Mode = AlignmentMode.Evaluation;
            configure?.Invoke(options);
        })
        .WithPolicy(new ToyGenerator(world.Policy))
        .WithReward(new ToyReward((chunk, _) => new RewardBatch(chunk.Samples.select(1, 0).mean([1, 2])), inputs: RewardInputs.None))
        .WithRollouts(new FreeRunning());

    /// <summary>Free-running rollouts whose run is cancelled as they begin.</summary>
    private sealed class Cancelling(CancellationTokenSource source) : IRolloutSource
    {
        public bool HasTargets => false;

        public Rollout Collect(RolloutRequest request)
        {
            source.Cancel();
            return new FreeRunning().Collect(request);
        }
    }
}
