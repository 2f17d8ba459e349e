using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>The trainer's one forward an image against a forward for every sample.</summary>
public class SharedForwardTests
{
    private const int Steps = 4;

    // The advantages are float32; what they are multiplied with is float64.
    private const double Tolerance = 2e-6;

    private static readonly Dictionary<string, Action<AlignmentOptions>> Arrangements = new()
    {
        ["one update a rollout"] = _ => { },
        ["one update from several minibatches"] = options => options.ImagesPerMinibatch = 1,
        ["several updates"] = options => (options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (1, 2),
        ["minibatches that cut through groups"] = options => (options.SamplesPerMinibatch, options.MinibatchesPerUpdate) = (3, 2),
        ["minibatches smaller than a group"] = options => (options.SamplesPerMinibatch, options.MinibatchesPerUpdate) = (2, 8),
        ["minibatches left over"] = options => (options.SamplesPerMinibatch, options.MinibatchesPerUpdate) = (4, 3),
        ["a smaller last minibatch"] = options => options.ImagesPerMinibatch = 3,
        ["two passes"] = options => options.PassesPerRollout = 2,
        ["kl"] = options => (options.KlWeight, options.PassesPerRollout) = (0.5, 2),
        ["temperature"] = options => (options.Temperature, options.PassesPerRollout) = (0.7, 2),
        ["no prior"] = options => options.PriorWeight = 0,
        ["filters on one support"] = options => (options.TopK, options.TopP, options.PassesPerRollout) = (6, 0.9, 2),
        ["filters as published"] = options => (options.TopK, options.FilteredRatio) = (6, FilteredRatio.AsPublished),
        ["weight decay"] = options => options.WeightDecay = 0.5,
        ["clipped gradient"] = options => options.MaximumGradientNorm = 0.01,
        ["twice"] = options => options.Mode = AlignmentMode.Twice,
        ["training mode"] = options => (options.Mode, options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (AlignmentMode.Training, 2, 1),
    };

    public static TheoryData<string> ArrangementNames => [.. Arrangements.Keys];

    [Theory]
    [MemberData(nameof(ArrangementNames))]
    public void Trains_as_a_forward_for_every_sample_does(string arrangement)
    {
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using ToyPolicy start = world.Policy.Copy();
        using var rollouts = new RecordingRollouts();
        var options = new AlignmentOptions();
        using AlignmentTrainer trainer = world
            .Builder(configured =>
            {
                configured.Mode = AlignmentMode.Evaluation;
                Arrangements[arrangement](configured);
                options = configured;
            })
            .WithRollouts(rollouts)
            .Build();
        using var plain = new PerSampleTraining(world, options);

        for (int step = 0; step < Steps; step++)
        {
            trainer.Step();
            plain.Replay(rollouts.Records[^1]);
        }

        Assert.True(Expect.Change(start, world.Policy) > 0.01, "too little was trained to compare");
        Expect.SameParameters(plain.Policy, world.Policy, Tolerance);
    }

    [Fact]
    public void Ratios_leave_the_clip_range_in_the_arrangements_with_several_updates()
    {
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using AlignmentTrainer trainer = world.Trainer(options =>
            (options.Mode, options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (AlignmentMode.Evaluation, 1, 1));

        AlignmentStep last = Enumerable.Range(0, Steps).Select(_ => trainer.Step()).Last();

        Assert.True(last.ClippedFraction > 0);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.7)]
    public void Reusing_the_sampling_forward_changes_nothing(double temperature)
    {
        (ToyPolicy reused, List<string> reusedSteps, bool reusedKept) = Run(temperature, keepFeatures: true);
        (ToyPolicy anew, List<string> anewSteps, bool anewKept) = Run(temperature, keepFeatures: false);
        using (reused)
        using (anew)
        {
            Assert.True(reusedKept);
            Assert.False(anewKept);
            Expect.SameParameters(anew, reused, 1e-12);
            Assert.Equal(anewSteps.Count, reusedSteps.Count);
        }
    }

    [Fact]
    public void The_sampling_forward_is_reused_only_where_the_policy_cannot_differ()
    {
        bool Reused(Action<AlignmentOptions> configure)
        {
            using var world = new ToyWorld();
            using var rollouts = new RecordingRollouts();
            using AlignmentTrainer trainer = world.Builder(configure).WithRollouts(rollouts).Build();
            trainer.Step();
            return rollouts.Records[0].KeptFeatures;
        }

        Assert.True(Reused(options => options.Mode = AlignmentMode.Evaluation));
        Assert.True(Reused(options => (options.Mode, options.SamplesPerMinibatch) = (AlignmentMode.Evaluation, 16)));
        Assert.False(Reused(options => options.Mode = AlignmentMode.Training));
        Assert.False(Reused(options => options.Mode = AlignmentMode.Twice));
        Assert.False(Reused(options => (options.Mode, options.PassesPerRollout) = (AlignmentMode.Evaluation, 2)));
        Assert.False(Reused(options => (options.Mode, options.ImagesPerMinibatch) = (AlignmentMode.Evaluation, 2)));
        Assert.False(Reused(options => (options.Mode, options.TopK) = (AlignmentMode.Evaluation, 4)));
        Assert.False(Reused(options => (options.Mode, options.TopP) = (AlignmentMode.Evaluation, 0.9)));
    }

    private static (ToyPolicy Policy, List<string> Steps, bool Kept) Run(double temperature, bool keepFeatures)
    {
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using var rollouts = new RecordingRollouts(keepFeatures);
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Mode, options.Temperature, options.PositionsPerChunk) = (AlignmentMode.Evaluation, temperature, 3))
            .WithRollouts(rollouts)
            .Build();
        List<string> steps = Expect.Digests(trainer, Steps);
        return (world.Policy.Copy(), steps, rollouts.Records[^1].KeptFeatures);
    }
}
