namespace VaPi.Alignment.Metrics;

/// <summary>What one rollout and its updates did.</summary>
public sealed record AlignmentStep
{
    /// <summary>The rollout's number; 1 for the first of the run.</summary>
    public required long Index { get; init; }

    /// <summary>The samples' rewards; NaN where they were not finite, so that nothing could be learned from them.</summary>
    public required RewardStatistics Reward { get; init; }

    /// <summary>The named parts of the reward, unweighted.</summary>
    public required IReadOnlyDictionary<string, RewardStatistics> RewardComponents { get; init; }

    /// <summary>The policy loss, mean over minibatches; NaN where there were none.</summary>
    public required double PolicyLoss { get; init; }

    /// <summary>The cross-entropy of the true tokens in nats a token, not weighted; null in rollouts without true tokens.</summary>
    public required double? PriorLoss { get; init; }

    /// <summary>The KL divergence to the starting policy in nats a token, not weighted; null when it is neither used nor monitored.</summary>
    public required double? KlDivergence { get; init; }

    /// <summary>All regularisers by name, not weighted.</summary>
    public required IReadOnlyDictionary<string, double> Regularisers { get; init; }

    /// <summary>The mean ratio of new to old probability of the sampled tokens.</summary>
    public required double MeanRatio { get; init; }

    /// <summary>The share of sampled tokens whose ratio is outside the clip range, 0 … 1.</summary>
    public required double ClippedFraction { get; init; }

    /// <summary>The mean entropy of the distributions that were drawn from, in nats; null if the rollout source does not say.</summary>
    public required double? Entropy { get; init; }

    /// <summary>The gradient norm before clipping, mean over the step's updates; NaN if none was made.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The gradient norm of every update that was made.</summary>
    public required IReadOnlyList<double> GradientNorms { get; init; }

    /// <summary>
    /// The updates that were not made because the rewards, a loss or the gradient were not finite; see
    /// <see cref="AlignmentOptions.MaximumSkippedRollouts"/>.
    /// </summary>
    public int SkippedUpdates { get; init; }

    /// <summary>What was not finite, and what to do; null if no update was skipped.</summary>
    public string? SkipReason { get; init; }

    /// <summary>Every minibatch's losses, in order.</summary>
    public required IReadOnlyList<MinibatchMetrics> Minibatches { get; init; }

    /// <summary>What early stopping measured after this rollout; null where it did not measure. Its time is no part of <see cref="Seconds"/>.</summary>
    public double? HeldOut { get; init; }

    /// <summary>ξ of this rollout, steering included.</summary>
    public required double ContextNoise { get; init; }

    /// <summary>The learning rate of this rollout's updates, steering included.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// The images that could not be read and were passed over, up to this rollout of the run, each counted once.
    /// </summary>
    public required int UnreadableImages { get; init; }

    /// <summary>
    /// Why the checkpoint that was due after this rollout could not be written; null if it was, and where none was due. The
    /// earlier ones are as they were, and the next is tried when it is due.
    /// </summary>
    public string? CheckpointError { get; init; }

    /// <summary>Where the time went.</summary>
    public required PhaseSeconds Seconds { get; init; }

    /// <summary>Images a second over the whole step.</summary>
    public required double ImagesPerSecond { get; init; }
}
