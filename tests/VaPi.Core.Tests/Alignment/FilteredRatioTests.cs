using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class FilteredRatioTests
{
    [Theory]
    [InlineData(4, 1.0)]
    [InlineData(0, 0.7)]
    [InlineData(6, 0.8)]
    public void On_one_support_the_first_ratio_is_exactly_one(int topK, double topP)
    {
        AlignmentStep step = FirstStep(topK, topP, FilteredRatio.SharedSupport);

        Assert.Equal(1.0, step.MeanRatio);
        Assert.Equal(0.0, step.ClippedFraction);
    }

    [Fact]
    public void As_published_the_new_probability_is_of_all_tokens_and_so_the_smaller()
    {
        AlignmentStep step = FirstStep(4, 1, FilteredRatio.AsPublished);

        Assert.InRange(step.MeanRatio, 0.1, 0.9);
        Assert.True(step.ClippedFraction > 0.5);
    }

    [Fact]
    public void Sampled_tokens_are_among_the_likeliest()
    {
        using var world = new ToyWorld();
        using var rollouts = new RecordingRollouts();
        using AlignmentTrainer trainer = world.Builder(options => (options.TopK, options.GroupSize) = (1, 3)).WithRollouts(rollouts).Build();

        trainer.Step();

        // With one token left, every sample of a group is the same, and certain.
        Tensor samples = rollouts.Records[0].Samples;
        Assert.True(samples.eq(samples.narrow(1, 0, 1)).all().item<bool>());
        Assert.Equal(0, rollouts.Records[0].Old.abs().max().item<float>());
    }

    private static AlignmentStep FirstStep(int topK, double topP, FilteredRatio ratio)
    {
        // Sums of ratios that are each exactly one are exact only in double precision.
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using AlignmentTrainer trainer = world.Trainer(options =>
            (options.Mode, options.TopK, options.TopP, options.FilteredRatio) = (AlignmentMode.Evaluation, topK, topP, ratio));
        return trainer.Step();
    }
}
