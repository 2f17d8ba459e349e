using Microsoft.Extensions.Options;
using VaPi.Alignment;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

public class OptionsTests
{
    private static readonly List<(string Name, object? Wrong, string Allowed)> Wrong =
    [
        (nameof(AlignmentOptions.Rollouts), 0, "1 or more"),
        (nameof(AlignmentOptions.ImagesPerRollout), 0, "1 or more"),
        (nameof(AlignmentOptions.GroupSize), 0, "1 or more"),
        (nameof(AlignmentOptions.ImagesPerMinibatch), 0, "1 to ImagesPerRollout (16)"),
        (nameof(AlignmentOptions.ImagesPerMinibatch), 17, "1 to ImagesPerRollout (16)"),
        (nameof(AlignmentOptions.SamplesPerMinibatch), 0, "1 to ImagesPerRollout x GroupSize (128)"),
        (nameof(AlignmentOptions.SamplesPerMinibatch), 129, "1 to ImagesPerRollout x GroupSize (128)"),
        (nameof(AlignmentOptions.MinibatchesPerUpdate), 0, "1 to the minibatches of a rollout (1)"),
        (nameof(AlignmentOptions.MinibatchesPerUpdate), 2, "1 to the minibatches of a rollout (1)"),
        (nameof(AlignmentOptions.PassesPerRollout), 0, "1 or more"),
        (nameof(AlignmentOptions.Mode), (AlignmentMode)9, "Training, Evaluation, Twice"),
        (nameof(AlignmentOptions.FilteredRatio), (FilteredRatio)9, "SharedSupport, AsPublished"),
        (nameof(AlignmentOptions.ContextNoise), null, "a number or a schedule"),
        (nameof(AlignmentOptions.ContextNoise), (Schedule)(-0.1), "0 to 1"),
        (nameof(AlignmentOptions.ContextNoise), Schedule.Linear(0, 1.5, 10), "0 to 1"),
        (nameof(AlignmentOptions.ContextNoise), (Schedule)double.NaN, "0 to 1"),
        (nameof(AlignmentOptions.PriorWeight), -0.1, "0 or above"),
        (nameof(AlignmentOptions.PriorWeight), double.NaN, "0 or above"),
        (nameof(AlignmentOptions.KlWeight), -1.0, "0 or above"),
        (nameof(AlignmentOptions.KlWeight), double.PositiveInfinity, "0 or above"),
        (nameof(AlignmentOptions.ClipLow), -0.1, "0 to 1"),
        (nameof(AlignmentOptions.ClipLow), 1.1, "0 to 1"),
        (nameof(AlignmentOptions.ClipHigh), -0.1, "0 or above"),
        (nameof(AlignmentOptions.AdvantageClip), 0.0, "above 0"),
        (nameof(AlignmentOptions.AdvantageClip), double.NaN, "above 0"),
        (nameof(AlignmentOptions.Temperature), 0.0, "above 0"),
        (nameof(AlignmentOptions.Temperature), double.PositiveInfinity, "above 0"),
        (nameof(AlignmentOptions.TopK), -1, "0 (off) or above"),
        (nameof(AlignmentOptions.TopP), 0.0, "above 0"),
        (nameof(AlignmentOptions.TopP), double.NaN, "above 0"),
        (nameof(AlignmentOptions.LearningRate), null, "a number or a schedule"),
        (nameof(AlignmentOptions.LearningRate), (Schedule)(-1e-6), "0 or above"),
        (nameof(AlignmentOptions.LearningRate), (Schedule)double.PositiveInfinity, "0 or above"),
        (nameof(AlignmentOptions.WeightDecay), -1.0, "0 or above"),
        (nameof(AlignmentOptions.Beta1), 1.0, "0 to below 1"),
        (nameof(AlignmentOptions.Beta1), double.NaN, "0 to below 1"),
        (nameof(AlignmentOptions.Beta2), -0.1, "0 to below 1"),
        (nameof(AlignmentOptions.Epsilon), 0.0, "above 0"),
        (nameof(AlignmentOptions.MaximumGradientNorm), 0.0, "above 0"),
        (nameof(AlignmentOptions.MaximumGradientNorm), double.NaN, "above 0"),
        (nameof(AlignmentOptions.PositionsPerChunk), 0, "1 or more"),
        (nameof(AlignmentOptions.SamplesPerDecode), 0, "1 or more"),
        (nameof(AlignmentOptions.BatchesAhead), -1, "0 (none) or above"),
        (nameof(AlignmentOptions.MaximumSkippedRollouts), -1, "0 (fail at the first) or above"),
        (nameof(AlignmentOptions.MaximumUnreadableShare), -0.1, "0 to 1"),
        (nameof(AlignmentOptions.MaximumUnreadableShare), 1.1, "0 to 1"),
        (nameof(AlignmentOptions.MaximumUnreadableShare), double.NaN, "0 to 1"),
    ];

    public static TheoryData<int> WrongCases => [.. Enumerable.Range(0, Wrong.Count)];

    [Theory]
    [MemberData(nameof(WrongCases))]
    public void An_option_out_of_range_is_named_with_its_range(int index)
    {
        (string name, object? value, string allowed) = Wrong[index];

        OptionsValidationException exception = Refused(options => Set(options, name, value));

        string failure = Assert.Single(exception.Failures);
        Assert.StartsWith($"{name} is ", failure, StringComparison.Ordinal);
        Assert.Contains($"allowed: {allowed}", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_reported_at_once()
    {
        List<(string Name, object? Wrong, string Allowed)> each = [.. Wrong.DistinctBy(entry => entry.Name)];

        OptionsValidationException exception = Refused(options => each.ForEach(entry => Set(options, entry.Name, entry.Wrong)));

        // Setting both kinds of minibatch is a mistake of its own.
        string[] named = [.. exception.Failures.Select(failure => failure.Split(' ')[0])];
        Assert.Equal(each.Select(entry => entry.Name).Order(), named.Distinct().Order());
        Assert.All(named.Distinct(), name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Minibatches_of_images_and_of_samples_exclude_each_other()
    {
        OptionsValidationException exception = Refused(options => (options.ImagesPerMinibatch, options.SamplesPerMinibatch) = (2, 8));

        Assert.Contains("set only one of them", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_that_has_a_range_is_checked()
    {
        string[] free = [nameof(AlignmentOptions.Seed), nameof(AlignmentOptions.DataSeed), nameof(AlignmentOptions.NoiseSeed), nameof(AlignmentOptions.SamplingSeed), nameof(AlignmentOptions.DropoutSeed), nameof(AlignmentOptions.MonitorKl)];

        Assert.Equal(
            typeof(AlignmentOptions).GetProperties().Select(property => property.Name).Except(free).Order(),
            Wrong.Select(entry => entry.Name).Distinct().Order());
    }

    [Fact]
    public void The_defaults_and_the_borders_are_allowed()
    {
        var validator = new AlignmentOptionsValidator();
        var borders = new AlignmentOptions
        {
            Rollouts = 1,
            ImagesPerRollout = 1,
            GroupSize = 2,
            SamplesPerMinibatch = 2,
            MinibatchesPerUpdate = 1,
            ContextNoise = Schedule.Linear(0, 1, 5),
            PriorWeight = 0,
            ClipLow = 1,
            ClipHigh = 0,
            AdvantageClip = double.PositiveInfinity,
            TopP = 2,
            LearningRate = 0,
            WeightDecay = 0,
            Beta1 = 0,
            Beta2 = 0,
            MaximumGradientNorm = double.PositiveInfinity,
            PositionsPerChunk = 1,
            SamplesPerDecode = 1,
            BatchesAhead = 0,
            MaximumUnreadableShare = 1,
        };

        Assert.True(validator.Validate(null, new AlignmentOptions()).Succeeded);
        Assert.True(validator.Validate(null, borders).Succeeded);
    }

    [Fact]
    public void Options_given_whole_are_copied()
    {
        using var world = new ToyWorld();
        var options = new AlignmentOptions { ImagesPerRollout = 2, GroupSize = 2, LearningRate = 1e-3 };
        AlignmentTrainerBuilder builder = world.Builder().WithOptions(options);
        options.GroupSize = 0;

        using AlignmentTrainer trainer = builder.Build();

        Assert.Equal(1e-3, trainer.Step().LearningRate);
    }

    private static OptionsValidationException Refused(Action<AlignmentOptions> configure) =>
        Assert.Throws<OptionsValidationException>(() => AlignmentTrainer.CreateBuilder().Configure(configure).Build());

    private static void Set(AlignmentOptions options, string name, object? value) => typeof(AlignmentOptions).GetProperty(name)!.SetValue(options, value);
}
