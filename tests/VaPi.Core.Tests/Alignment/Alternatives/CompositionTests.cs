using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Surrogates;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Alternatives;

/// <summary>Every alternative, composed on the builder, trains as its plain formula does with a forward pass for every sample.</summary>
public class CompositionTests
{
    private const int Steps = 3;

    // The advantages are float32; what they are multiplied with is float64.
    private const double Tolerance = 3e-6;

    private static readonly Dictionary<string, Alternative> Alternatives = new()
    {
        ["cross-entropy"] = new(
            options => (options.ContextNoise, options.PriorWeight, options.GroupSize) = (0, 1, 1),
            builder => builder.WithSurrogate(new NoPolicyLoss()))
        {
            PolicyLoss = (current, _, _) => current * 0,
        },
        ["cross-entropy with noise"] = new(
            options => (options.ContextNoise, options.PriorWeight, options.GroupSize) = (0.5, 1, 1),
            builder => builder.WithSurrogate(new NoPolicyLoss()))
        {
            PolicyLoss = (current, _, _) => current * 0,
        },
        ["reward only"] = new(options => options.PriorWeight = 0),
        ["prior only"] = new(options => options.PriorWeight = 0.1, builder => builder.WithSurrogate(new NoPolicyLoss()))
        {
            PolicyLoss = (current, _, _) => current * 0,
        },
        ["kl instead of the prior"] = new(options => (options.PriorWeight, options.KlWeight) = (0, 0.3)),
        ["mean only"] = new(_ => { }, builder => builder.WithAdvantage(new MeanOnly()))
        {
            Advantage = rewards => rewards - rewards.mean([1], keepdim: true),
        },
        ["leave one out"] = new(_ => { }, builder => builder.WithAdvantage(new LeaveOneOut()))
        {
            Advantage = rewards => rewards - (rewards.sum([1], keepdim: true) - rewards) / (rewards.shape[1] - 1),
        },
        ["clipped by sequence"] = new(_ => { }, builder => builder.WithSurrogate(new SequenceRatio(0.02, 0.03)))
        {
            PolicyLoss = (current, old, advantage) =>
            {
                Tensor ratio = (current.mean([1], keepdim: true) - old.mean([1], keepdim: true)).exp();
                return max(-advantage * ratio, -advantage * ratio.clamp(0.98, 1.03)).expand_as(current);
            },
        },
        ["a higher upper bound"] = new(options => options.ClipHigh = 0.28),
        ["detached and clamped"] = new(_ => { }, builder => builder.WithSurrogate(new DetachedRatio(0.2, 0.28)))
        {
            PolicyLoss = (current, old, advantage) => -advantage * (current - old).exp().clamp(0.8, 1.28).detach() * current,
        },
        ["free-running"] = new(_ => { })
        {
            FreeRunning = new FreeRunning(),
        },
        ["free-running with kl and a higher upper bound"] = new(options => (options.KlWeight, options.ClipHigh) = (0.2, 0.28))
        {
            FreeRunning = new FreeRunning { SamplesAtATime = 3 },
        },
        ["free-running with filters and a temperature"] = new(options => (options.TopK, options.TopP, options.Temperature) = (6, 0.9, 0.8))
        {
            FreeRunning = new FreeRunning(),
        },
    };

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string name in Alternatives.Keys)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains_as_its_plain_formula_does(string name, bool severalUpdates)
    {
        Alternative alternative = Alternatives[name];
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using ToyPolicy start = world.Policy.Copy();
        using var rollouts = new RecordingRollouts(source: alternative.FreeRunning);
        var options = new AlignmentOptions();
        AlignmentTrainerBuilder builder = world
            .Builder(configured =>
            {
                configured.Mode = AlignmentMode.Evaluation;
                if (severalUpdates)
                    (configured.ImagesPerMinibatch, configured.MinibatchesPerUpdate) = (1, 1);
                alternative.Configure(configured);
                options = configured;
            })
            .WithRollouts(rollouts);
        if (alternative.FreeRunning is not null)
        {
            builder.WithPolicy(new ToyGenerator(world.Policy));
            builder.WithReward(new ToyReward((chunk, _) => new RewardBatch(Redness(chunk.Samples)), inputs: RewardInputs.None));
        }

        alternative.Compose?.Invoke(builder);
        using AlignmentTrainer trainer = builder.Build();
        using PerSampleTraining plain = alternative.Plain(world, options);

        for (int step = 0; step < Steps; step++)
        {
            trainer.Step();
            plain.Replay(rollouts.Records[^1]);
        }

        Assert.True(Expect.Change(start, world.Policy) > 0.01, "too little was trained to compare");
        Expect.SameParameters(plain.Policy, world.Policy, Tolerance);
    }

    [Fact]
    public void A_group_of_one_is_refused_where_advantages_compare()
    {
        using var world = new ToyWorld();

        string message = Assert.Throws<InvalidOperationException>(world.Builder(options => options.GroupSize = 1).Build).Message;

        Assert.Contains("GroupSize is 1 but advantages compare the samples of a group", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_of_one_reports_rewards_without_deviation_and_does_not_warn()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.GroupSize, options.ImagesPerRollout) = (1, 1))
            .WithSurrogate(new NoPolicyLoss())
            .WithLogger(logger)
            .Build();

        VaPi.Alignment.Metrics.RewardStatistics reward = trainer.Step().Reward;

        Assert.True(reward.Mean < 0);
        Assert.Equal((0, 0, reward.Mean, reward.Mean), (reward.Deviation, reward.GroupDeviation, reward.Minimum, reward.Maximum));
        Assert.DoesNotContain(logger.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    private static Tensor Redness(Tensor images) => images.select(1, 0).mean([1, 2]);

    private sealed record Alternative(Action<AlignmentOptions> Configure, Action<AlignmentTrainerBuilder>? Compose = null)
    {
        public Func<Tensor, Tensor>? Advantage { get; init; }

        public Func<Tensor, Tensor, Tensor, Tensor>? PolicyLoss { get; init; }

        public FreeRunning? FreeRunning { get; init; }

        public PerSampleTraining Plain(ToyWorld world, AlignmentOptions options)
        {
            var usual = new PerSampleTraining(world, options);
            if (Advantage is null && PolicyLoss is null && FreeRunning is null)
                return usual;
            using (usual)
            {
                return new PerSampleTraining(world, options)
                {
                    Advantage = Advantage ?? usual.Advantage,
                    PolicyLoss = PolicyLoss,
                    Reward = FreeRunning is null ? usual.Reward : (decoded, _) => Redness(decoded),
                };
            }
        }
    }
}
