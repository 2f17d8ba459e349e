using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Surrogates;
using VaPi.Compute;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Alternatives;

public class StraightThroughTests
{
    // The palette and the decoded pixels are float32.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 1.0, 1.0, 0.1)]
    [InlineData(1, 1.0, 1.0, 0)]
    [InlineData(3, 0.7, 0.5, 0.1)]
    [InlineData(2, 1.3, 2.0, 1)]
    public void The_gradient_is_that_of_the_plain_formula(int groupSize, double temperature, double relaxation, double priorWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using ToyPolicy plain = world.Policy.Copy();
        using var rollouts = new RecordingRollouts();
        Dictionary<string, Tensor> found = [];
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.GroupSize, options.Temperature, options.PriorWeight, options.ContextNoise, options.SamplesPerDecode) =
                (AlignmentMode.Evaluation, groupSize, temperature, priorWeight, 0, 3))
            .WithRollouts(rollouts)
            .WithStraightThrough(relaxation)
            .OnGradients(gradients => found = gradients.ToDictionary(named => named.Name, named => named.Gradient.clone().DetachFromDisposeScope()))
            .Build();

        AlignmentStep step = trainer.Step();

        RecordingRollouts.Record rollout = rollouts.Records[0];
        Tensor loss = PlainLoss(plain, world.Tokenizer, rollout, temperature, relaxation, priorWeight);
        loss.backward();
        Assert.Equal(loss.item<double>(), step.Minibatches[0].Loss, 1e-5);
        Assert.Equal(-step.Reward.Mean, step.PolicyLoss, 1e-6);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in plain.NamedParameters())
            Expect.Close(parameter.grad!, found[name], Tolerance, name);
    }

    [Theory]
    [InlineData(AlignmentMode.Training, true)]
    [InlineData(AlignmentMode.Evaluation, false)]
    public void In_training_mode_the_samples_are_drawn_with_dropout(AlignmentMode mode, bool withDropout)
    {
        using var world = new ToyWorld(dropout: 0.5);
        using var rollouts = new RecordingRollouts();
        using AlignmentTrainer trainer = world.Builder(options => options.Mode = mode).WithRollouts(rollouts).WithStraightThrough().Build();
        using ToyPolicy start = world.Policy.Copy();

        trainer.Step();

        RecordingRollouts.Record rollout = rollouts.Records[0];
        Tensor without = start.Head(start.Features(rollout.Condition, rollout.Context, PolicyMode.Evaluation)).log_softmax(-1).gather(-1, rollout.Samples.transpose(1, 2)).transpose(1, 2);
        Assert.Equal(withDropout, (without - rollout.Old).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void Samples_follow_the_policy()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new[] { 0.0, 1.0, 2.0 }, [1, 1, 3]);
        using var random = RolloutRandom.Of(new AlignmentOptions());
        Tensor noise = random.SamplingGumbels(CPU, 1, 20000, 1, 3);

        GroupSample drawn = GroupSampling.DrawPerturbed(features => features, logits, noise, truth: null, temperature: 0.5, topK: 0, topP: 1, chunkLength: 4);

        Tensor expected = (logits / 0.5).softmax(-1).flatten();
        Tensor shares = bincount(drawn.Tokens.flatten(), minlength: 3) / 20000.0;
        Assert.True((expected - shares).abs().max().item<double>() < 0.012); // over three standard deviations
        Expect.Close((logits / 0.5).log_softmax(-1).flatten()[drawn.Tokens.flatten()], drawn.LogProbabilities.flatten(), 1e-12);
    }

    [Fact]
    public void The_reward_rises()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.GroupSize, options.ContextNoise, options.PriorWeight) = (AlignmentMode.Evaluation, 1, 0, 0))
            .WithStraightThrough()
            .Build();

        List<double> rewards = [.. Enumerable.Range(0, 100).Select(_ => trainer.Step().Reward.Mean)];

        Assert.True(rewards.TakeLast(10).Average() > 0.8 * rewards.Take(10).Average(), $"from {rewards.Take(10).Average():F4} to {rewards.TakeLast(10).Average():F4}");
    }

    [Fact]
    public void What_it_cannot_go_with_is_named()
    {
        using var world = new ToyWorld();
        void Refused(string message, Action<AlignmentTrainerBuilder> breaking, double temperature = 1)
        {
            AlignmentTrainerBuilder builder = world.Builder().WithStraightThrough(temperature);
            breaking(builder);
            Assert.Contains(message, Assert.Throws<InvalidOperationException>(builder.Build).Message, StringComparison.Ordinal);
        }

        Refused("The temperature of WithStraightThrough is 0; allowed: above 0", _ => { }, temperature: 0);
        Refused("needs rewards with gradients, which 'toy' has not", builder => builder.WithReward(Reward.MeanSquaredError() + ToyReward.Constant(1)));
        Refused("takes the place of a surrogate", builder => builder.WithSurrogate(new ClippedRatio(0.2, 0.2)));
        Refused("uses no advantages", builder => builder.WithAdvantage(new MeanOnly()));
        Refused("must be one minibatch gone through once", builder => builder.Configure(options => options.ImagesPerMinibatch = 1));
        Refused("must be one minibatch gone through once", builder => builder.Configure(options => options.PassesPerRollout = 2));
        Refused("draws from all tokens", builder => builder.Configure(options => options.TopK = 3));
        Refused("set Mode to Training or Evaluation", builder => builder.Configure(options => options.Mode = AlignmentMode.Twice));
        Refused("needs a tokenizer that decodes vectors", builder => builder.WithTokenizer(new Opaque(world.Tokenizer)));
    }

    [Fact]
    public void Rollouts_without_noise_are_named()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder()
            .WithPolicy(new ToyGenerator(world.Policy))
            .WithRollouts(new FreeRunning())
            .WithReward(new Brightness(differentiable: true))
            .WithStraightThrough()
            .Build();

        Assert.Contains("FreeRunning gave no Features or no Perturbation", Assert.Throws<InvalidOperationException>(() => trainer.Step()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reward_that_only_says_it_is_differentiable_is_named()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithReward(new Brightness(differentiable: false)).WithStraightThrough().Build();

        Assert.Contains("its values carry no gradients to the samples", Assert.Throws<RewardException>(() => trainer.Step()).Message, StringComparison.Ordinal);
    }

    // Hard forwards, soft backwards, on whole one-hot vectors.
    private static Tensor PlainLoss(
        ToyPolicy policy, ToyTokenizer tokenizer, RecordingRollouts.Record rollout, double temperature, double relaxation, double priorWeight)
    {
        Tensor logits = policy.Head(policy.Features(rollout.Condition, rollout.Context, PolicyMode.Evaluation)); // (B, T, V)
        Tensor soft = ((logits.unsqueeze(1) / temperature + rollout.Perturbation!) / relaxation).softmax(-1); // (B, G, T, V)
        Tensor chosen = soft.argmax(-1); // (B, G, T)
        Expect.Identical(chosen, rollout.Samples);
        Tensor hard = nn.functional.one_hot(chosen, soft.shape[^1]).to(ScalarType.Float64);
        Tensor through = hard - soft.detach() + soft;
        Tensor vectors = through.matmul(tokenizer.Codebook.to(ScalarType.Float64)); // (B, G, T, 3)
        Tensor decoded = tokenizer.DecodeVectors(vectors.flatten(0, 1)); // (B G, 3, H, W)
        Tensor targets = rollout.Images.repeat_interleave(rollout.Samples.shape[1], 0);
        Tensor crossEntropy = -logits.log_softmax(-1).gather(-1, rollout.Truth!.unsqueeze(-1)).mean();
        return (decoded - targets).square().mean() + priorWeight * crossEntropy;
    }

    private sealed class Brightness(bool differentiable) : Reward, IRewardScorer
    {
        public override string Name => "brightness";

        public override RewardInputs Inputs => RewardInputs.None;

        public override bool IsDifferentiable => true;

        public override IRewardScorer Prepare(Tensor? targets, Condition condition) => this;

        public RewardBatch Score(RewardChunk chunk) => new((differentiable ? chunk.Samples : chunk.Samples.detach()).mean([1, 2, 3]));
    }

    private sealed class Opaque(ToyTokenizer inner) : ITokenizer
    {
        public int CodebookSize => inner.CodebookSize;

        public TokenLayout Layout => inner.Layout;

        public ImageSize ImageSize => inner.ImageSize;

        public Tensor Encode(Tensor images) => inner.Encode(images);

        public Tensor Decode(Tensor tokens) => inner.Decode(tokens);
    }
}
