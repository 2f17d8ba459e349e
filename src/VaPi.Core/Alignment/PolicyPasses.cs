using Microsoft.Extensions.Options;
using VaPi.Alignment.Schedules;

namespace VaPi.Alignment;

/// <summary>
/// How often one rollout runs the policy, by its options alone. Images are what is counted: a group shares its passes, so
/// <see cref="AlignmentOptions.GroupSize"/> changes none of them.
/// </summary>
public sealed record PolicyPasses
{
    private PolicyPasses()
    {
    }

    /// <summary>Forward passes without gradients from which the groups are sampled; those kept for training have them.</summary>
    public required long SamplingForwards { get; init; }

    /// <summary>Forward passes of the starting policy; 0 where nothing needs its log-probabilities.</summary>
    public required long ReferenceForwards { get; init; }

    /// <summary>Forward passes for training; 0 where the sampling forward is kept as the training forward.</summary>
    public required long TrainingForwards { get; init; }

    /// <summary>Backward passes.</summary>
    public required long Backwards { get; init; }

    /// <summary>Updates of the parameters.</summary>
    public required long Updates { get; init; }

    /// <summary>The minibatches whose gradients an update averages.</summary>
    public required long MinibatchesPerUpdate { get; init; }

    /// <summary>The most images whose activations wait for a backward pass at a time.</summary>
    public required long ImagesAtATime { get; init; }

    /// <summary>Whether the starting policy is kept: for the KL term, to measure it, or because it steers a schedule.</summary>
    public required bool NeedsStartingPolicy { get; init; }

    /// <summary>
    /// Whether the sampling forward is the training forward too: with one update from one minibatch and no dropout or filter
    /// between them, the ratio is one and the logits are the same.
    /// </summary>
    public required bool SamplingForwardIsTrainingForward { get; init; }

    /// <summary>Counts a rollout's passes, with teacher-forced rollouts and no regulariser of one's own.</summary>
    /// <param name="options">Of the run.</param>
    /// <exception cref="OptionsValidationException">Options are out of range; every one is named with its value and range.</exception>
    public static PolicyPasses Of(AlignmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AlignmentOptionsValidator.ThrowIfInvalid(options);
        bool kept = KeepsSamplingForward(options);
        bool reference = NeedsReference(options);
        IReadOnlyList<IReadOnlyList<Minibatch>> updates = Minibatches.Updates(options);
        List<long> images = [.. updates.SelectMany(update => update).Select(minibatch => Minibatches.Images(minibatch, options.GroupSize))];
        long trained = options.PassesPerRollout * images.Sum();
        bool twice = options.Mode == AlignmentMode.Twice;
        return new PolicyPasses
        {
            SamplingForwards = options.ImagesPerRollout,
            ReferenceForwards = reference ? options.ImagesPerRollout : 0,
            TrainingForwards = kept ? 0 : twice ? 2 * trained : trained,
            Backwards = twice && options.PriorWeight != 0 ? 2 * trained : trained,
            Updates = (long)options.PassesPerRollout * updates.Count,
            MinibatchesPerUpdate = updates[0].Count,
            ImagesAtATime = images.Max(),
            NeedsStartingPolicy = reference,
            SamplingForwardIsTrainingForward = kept,
        };
    }

    internal static bool KeepsSamplingForward(AlignmentOptions options) =>
        options is { Mode: AlignmentMode.Evaluation, PassesPerRollout: 1, TopK: 0, TopP: >= 1 } && Minibatches.Count(options) == 1;

    internal static bool NeedsReference(AlignmentOptions options) =>
        options.KlWeight > 0 || options.MonitorKl || RunSchedules.Steers(options, Signal.KlToStart);
}
