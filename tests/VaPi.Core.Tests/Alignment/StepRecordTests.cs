using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class StepRecordTests
{
    [Fact]
    public void Rewards_are_those_of_the_samples()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld();
        using var rollouts = new RecordingRollouts();
        using AlignmentTrainer trainer = world.Builder().WithRollouts(rollouts).Build();

        AlignmentStep step = trainer.Step();

        RecordingRollouts.Record rollout = rollouts.Records[0];
        Tensor decoded = world.Tokenizer.Decode(rollout.Samples.flatten(0, 1));
        Tensor rewards = (decoded - rollout.Images.repeat_interleave(4, 0)).square().mean([1, 2, 3]).neg().view(4, 4).to(ScalarType.Float64);
        Assert.Equal(1, step.Index);
        Assert.Equal(rewards.mean().item<double>(), step.Reward.Mean, 1e-6);
        Assert.Equal(rewards.std().item<double>(), step.Reward.Deviation, 1e-6);
        Assert.Equal(rewards.std(1).mean().item<double>(), step.Reward.GroupDeviation, 1e-6);
        Assert.Equal(rewards.min().item<double>(), step.Reward.Minimum, 1e-6);
        Assert.Equal(rewards.max().item<double>(), step.Reward.Maximum, 1e-6);
        Assert.Equal(step.Reward, Assert.Single(step.RewardComponents, part => part.Key == "mean squared error").Value);
    }

    [Fact]
    public void The_number_of_samples_decoded_at_a_time_changes_nothing()
    {
        List<string> Steps(int samplesPerDecode)
        {
            using var world = new ToyWorld();
            using AlignmentTrainer trainer = world.Trainer(options => options.SamplesPerDecode = samplesPerDecode);
            return Expect.Digests(trainer, 2);
        }

        List<string> whole = Steps(1000);

        Assert.All([1, 3, 4, 5, 8, 11], samplesPerDecode => Assert.Equal(whole, Steps(samplesPerDecode)));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(3, 2)]
    [InlineData(1, 4)]
    public void No_more_images_are_encoded_at_a_time_than_samples_are_decoded(int samplesPerDecode, int calls)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options => options.SamplesPerDecode = samplesPerDecode);

        trainer.Step();

        Assert.Equal(calls, world.Tokenizer.Encoded);
    }

    [Fact]
    public void Weights_compose_and_parts_are_recorded_without_them()
    {
        using var world = new ToyWorld();
        Reward sum = 2 * ToyReward.Constant(3, "a") + ToyReward.Constant(-1, "b") + 0.5 * (Reward.MeanSquaredError() * 4);
        using AlignmentTrainer trainer = world.Builder().WithReward(sum).Build();

        AlignmentStep step = trainer.Step();

        Assert.Equal(["a", "b", "mean squared error"], step.RewardComponents.Keys.Order());
        Assert.Equal((3.0, -1.0), (step.RewardComponents["a"].Mean, step.RewardComponents["b"].Mean));
        Assert.Equal(2 * 3 - 1 + 2 * step.RewardComponents["mean squared error"].Mean, step.Reward.Mean, 1e-6);
    }

    [Fact]
    public void Losses_are_those_of_the_starting_policy_in_the_first_step()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using ToyPolicy start = world.Policy.Copy();
        using var rollouts = new RecordingRollouts();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.MonitorKl, options.PriorWeight) = (AlignmentMode.Evaluation, true, 0))
            .WithRollouts(rollouts)
            .Build();

        AlignmentStep step = trainer.Step();

        RecordingRollouts.Record rollout = rollouts.Records[0];
        Tensor log = start.Head(start.Features(rollout.Condition, rollout.Context, PolicyMode.Evaluation)).log_softmax(-1); // (B, T, V)
        double crossEntropy = -log.gather(-1, rollout.Truth!.unsqueeze(-1)).mean().item<double>();
        double entropy = -(log.exp() * log).sum(-1).mean().item<double>();
        Assert.Equal(crossEntropy, step.PriorLoss!.Value, 1e-12);
        Assert.Equal(entropy, step.Entropy!.Value, 1e-12);
        Assert.Equal(0, step.KlDivergence!.Value, 1e-12);
        Assert.Equal(1, step.MeanRatio, 1e-12);
        Assert.Equal(0, step.ClippedFraction);

        // With every ratio one the policy loss is minus the mean advantage, which a group's normalisation makes zero.
        Assert.Equal(0, step.PolicyLoss, 1e-6);
        Assert.Equal(["kl", "prior"], step.Regularisers.Keys.Order());
        Assert.True(trainer.Step().KlDivergence > 0);
    }

    [Fact]
    public void There_is_no_divergence_unless_it_is_asked_for()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();

        Assert.Null(trainer.Step().KlDivergence);
    }

    [Fact]
    public void A_minibatchs_loss_is_its_weighted_terms()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options =>
            (options.ImagesPerMinibatch, options.MinibatchesPerUpdate, options.KlWeight, options.PriorWeight, options.PassesPerRollout) = (1, 2, 0.7, 0.3, 2));

        AlignmentStep step = Enumerable.Range(0, 2).Select(_ => trainer.Step()).Last();

        Assert.Equal(8, step.Minibatches.Count);
        Assert.Equal(4, step.GradientNorms.Count);
        Assert.Equal(step.GradientNorms.Average(), step.GradientNorm, 1e-12);
        Assert.Equal(step.Minibatches.Average(minibatch => minibatch.PolicyLoss), step.PolicyLoss, 1e-12);
        Assert.Equal(step.Minibatches.Average(minibatch => minibatch.Regularisers["kl"]), step.KlDivergence!.Value, 1e-12);
        Assert.All(
            step.Minibatches,
            minibatch => Assert.Equal(minibatch.PolicyLoss + 0.7 * minibatch.Regularisers["kl"] + 0.3 * minibatch.Regularisers["prior"], minibatch.Loss, 1e-5));
        Assert.True(step.ClippedFraction > 0);
    }

    [Fact]
    public void A_term_of_ones_own_is_trained_on_and_reported()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.PriorWeight, options.ImagesPerRollout) = (AlignmentMode.Evaluation, 0, 10))
            .WithReward(ToyReward.Constant(0))
            .WithRegulariser(new Sureness())
            .Build();

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 30).Select(_ => trainer.Step())];

        Assert.True(steps[^1].Regularisers["sureness"] < steps[0].Regularisers["sureness"]);
        Assert.True(steps[^1].Entropy > steps[0].Entropy);
    }

    [Fact]
    public void Phases_are_parts_of_the_step()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder()
            .WithReward(ToyReward.Error(_ => Thread.Sleep(30)))
            .Build();

        AlignmentStep step = trainer.Step();

        PhaseSeconds seconds = step.Seconds;
        double[] phases = [seconds.Data, seconds.Encode, seconds.Sample, seconds.Score, seconds.Train, seconds.Update];
        Assert.All(phases, phase => Assert.True(phase > 0));
        Assert.True(phases.Sum() <= seconds.Total, $"{phases.Sum()} of {seconds.Total}");
        Assert.True(seconds.Score >= 0.03);
        Assert.Equal(4 / seconds.Total, step.ImagesPerSecond, 1e-9);
    }

    [Fact]
    public void Schedules_are_followed()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options =>
            (options.ContextNoise, options.LearningRate) = (Schedule.Linear(1, 0, 4), Schedule.Linear(0, 8e-3, 4)));

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 5).Select(_ => trainer.Step())];

        double[] noise = [1, 0.75, 0.5, 0.25, 0];
        double[] rates = [0, 2e-3, 4e-3, 6e-3, 8e-3];
        Assert.All(steps.Zip(noise), pair => Assert.Equal(pair.Second, pair.First.ContextNoise, 1e-12));
        Assert.All(steps.Zip(rates), pair => Assert.Equal(pair.Second, pair.First.LearningRate, 1e-12));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_prefix_has_the_noise_of_the_schedule(double noise)
    {
        using var world = new ToyWorld();
        using var rollouts = new RecordingRollouts();
        using AlignmentTrainer trainer = world.Builder(options => options.ContextNoise = noise).WithRollouts(rollouts).Build();

        trainer.Step();

        // A replacement is the token itself once in 12 times.
        double kept = rollouts.Records[0].Context.eq(rollouts.Records[0].Truth!).to(ScalarType.Float64).mean().item<double>();
        Assert.InRange(kept, noise == 0 ? 1 : 0, noise == 0 ? 1 : 0.3);
    }

    /// <summary>The mean log-probability of what was sampled, an estimate of minus the entropy.</summary>
    private sealed class Sureness : VaPi.Alignment.Regularisers.IRegulariser
    {
        public string Name => "sureness";

        public double Weight => 1;

        public bool NeedsReference => false;

        public bool NeedsTruth => false;

        // Its gradient in expectation is that of the mean probability of the samples, which falls.
        public Tensor Loss(TokenLogProbabilities tokens) => tokens.Current.exp();
    }
}
