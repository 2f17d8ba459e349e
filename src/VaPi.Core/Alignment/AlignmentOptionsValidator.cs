using Microsoft.Extensions.Options;

namespace VaPi.Alignment;

/// <summary>Checks every option and reports all that are out of range at once, each with its name, value and range.</summary>
public sealed class AlignmentOptionsValidator : IValidateOptions<AlignmentOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AlignmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = new List<string>();
        void Require(bool holds, string option, object? value, string allowed)
        {
            if (!holds)
                failures.Add($"{option} is {value ?? "null"}; allowed: {allowed}.");
        }

        void RequireSchedule(Schedule? schedule, double highest, string option, string allowed)
        {
            if (schedule is null)
            {
                failures.Add($"{option} is null; allowed: a number or a schedule.");
                return;
            }

            (double low, double high) = schedule.Range;
            Require(low >= 0 && high <= highest && double.IsFinite(high), option, low == high ? low : $"{low} to {high}", allowed);
        }

        Require(options.Rollouts >= 1, nameof(options.Rollouts), options.Rollouts, "1 or more");
        Require(options.ImagesPerRollout >= 1, nameof(options.ImagesPerRollout), options.ImagesPerRollout, "1 or more");
        Require(options.GroupSize >= 1, nameof(options.GroupSize), options.GroupSize, "1 or more, and 2 or more where advantages compare the samples of a group");
        Require(
            options.ImagesPerMinibatch is not { } images || (images >= 1 && images <= options.ImagesPerRollout),
            nameof(options.ImagesPerMinibatch),
            options.ImagesPerMinibatch,
            $"1 to ImagesPerRollout ({options.ImagesPerRollout}), or null for all");
        long samples = (long)options.ImagesPerRollout * options.GroupSize;
        Require(samples <= int.MaxValue, nameof(options.GroupSize), options.GroupSize, $"at most {int.MaxValue} samples in ImagesPerRollout x GroupSize; there are {samples}");
        Require(
            options.SamplesPerMinibatch is not { } cut || (cut >= 1 && cut <= samples),
            nameof(options.SamplesPerMinibatch),
            options.SamplesPerMinibatch,
            $"1 to ImagesPerRollout x GroupSize ({samples}), or null");
        Require(
            options.SamplesPerMinibatch is null || options.ImagesPerMinibatch is null,
            nameof(options.SamplesPerMinibatch),
            options.SamplesPerMinibatch,
            "null when ImagesPerMinibatch is set; set only one of them");
        Require(options.PassesPerRollout >= 1, nameof(options.PassesPerRollout), options.PassesPerRollout, "1 or more");

        // How many minibatches there are is known only once what they are cut from is in range.
        string minibatches = failures.Count == 0 ? $" ({Minibatches.Count(options)})" : "";
        Require(
            options.MinibatchesPerUpdate is not { } accumulated || (accumulated >= 1 && (failures.Count > 0 || accumulated <= Minibatches.Count(options))),
            nameof(options.MinibatchesPerUpdate),
            options.MinibatchesPerUpdate,
            $"1 to the minibatches of a rollout{minibatches}, or null for one update a rollout");

        Require(Enum.IsDefined(options.Mode), nameof(options.Mode), options.Mode, string.Join(", ", Enum.GetNames<AlignmentMode>()));
        Require(Enum.IsDefined(options.FilteredRatio), nameof(options.FilteredRatio), options.FilteredRatio, string.Join(", ", Enum.GetNames<FilteredRatio>()));
        RequireSchedule(options.ContextNoise, 1, nameof(options.ContextNoise), "0 to 1");
        Require(IsFrom(options.PriorWeight, 0), nameof(options.PriorWeight), options.PriorWeight, "0 or above");
        Require(IsFrom(options.KlWeight, 0), nameof(options.KlWeight), options.KlWeight, "0 or above");
        Require(IsFrom(options.ClipLow, 0) && options.ClipLow <= 1, nameof(options.ClipLow), options.ClipLow, "0 to 1");
        Require(IsFrom(options.ClipHigh, 0), nameof(options.ClipHigh), options.ClipHigh, "0 or above");
        Require(options.AdvantageClip > 0, nameof(options.AdvantageClip), options.AdvantageClip, "above 0");
        Require(options.Temperature > 0 && double.IsFinite(options.Temperature), nameof(options.Temperature), options.Temperature, "above 0");
        Require(options.TopK >= 0, nameof(options.TopK), options.TopK, "0 (off) or above");
        Require(options.TopP > 0 && double.IsFinite(options.TopP), nameof(options.TopP), options.TopP, "above 0; 1 for off");
        RequireSchedule(options.LearningRate, double.MaxValue, nameof(options.LearningRate), "0 or above");
        Require(IsFrom(options.WeightDecay, 0), nameof(options.WeightDecay), options.WeightDecay, "0 or above");
        Require(options.Beta1 is >= 0 and < 1, nameof(options.Beta1), options.Beta1, "0 to below 1");
        Require(options.Beta2 is >= 0 and < 1, nameof(options.Beta2), options.Beta2, "0 to below 1");
        Require(options.Epsilon > 0 && double.IsFinite(options.Epsilon), nameof(options.Epsilon), options.Epsilon, "above 0");
        Require(options.MaximumGradientNorm > 0, nameof(options.MaximumGradientNorm), options.MaximumGradientNorm, "above 0; infinity for never");
        Require(options.PositionsPerChunk is not < 1, nameof(options.PositionsPerChunk), options.PositionsPerChunk, "1 or more, or null");
        Require(options.SamplesPerDecode >= 1, nameof(options.SamplesPerDecode), options.SamplesPerDecode, "1 or more");
        Require(options.BatchesAhead >= 0, nameof(options.BatchesAhead), options.BatchesAhead, "0 (none) or above");
        Require(options.MaximumUnreadableShare is >= 0 and <= 1, nameof(options.MaximumUnreadableShare), options.MaximumUnreadableShare, "0 to 1");
        Require(options.MaximumSkippedRollouts >= 0, nameof(options.MaximumSkippedRollouts), options.MaximumSkippedRollouts, "0 (fail at the first) or above");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <exception cref="OptionsValidationException">Options are out of range; every one is named with its value and range.</exception>
    internal static void ThrowIfInvalid(AlignmentOptions options)
    {
        ValidateOptionsResult validated = new AlignmentOptionsValidator().Validate(Options.DefaultName, options);
        if (validated.Failed)
            throw new OptionsValidationException(nameof(AlignmentOptions), typeof(AlignmentOptions), validated.Failures);
    }

    private static bool IsFrom(double value, double lowest) => double.IsFinite(value) && value >= lowest;
}
