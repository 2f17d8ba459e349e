namespace VaPi.Alignment.Metrics;

/// <summary>What one rollout and its updates did.</summary>
public sealed record AlignmentStep
{
    /// <summary>The rollout's number; 1 for the first of the run.</summary>
    public required long Index { get; init; }

    /// <summary>The samples' rewards.</summary>
    public required RewardStatistics Reward { get; init; }

    /// <summary>The named parts of the reward, unweighted.</summary>
    public required IReadOnlyDictionary<string, RewardStatistics> RewardComponents { get; init; }

    /// <summary>The policy loss, mean over minibatches.</summary>
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

    /// <summary>The gradient norm before clipping, mean over the step's updates.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The gradient norm of every update.</summary>
    public required IReadOnlyList<double> GradientNorms { get; init; }

    /// <summary>Every minibatch's losses, in order.</summary>
    public required IReadOnlyList<MinibatchMetrics> Minibatches { get; init; }

    /// <summary>What early stopping measured after this rollout; null where it did not measure. Its time is no part of <see cref="Seconds"/>.</summary>
    public double? HeldOut { get; init; }

    /// <summary>ξ of this rollout, steering included.</summary>
    public required double ContextNoise { get; init; }

    /// <summary>The learning rate of this rollout's updates, steering included.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// The images that could not be read and were passed over, up to this rollout, each counted once; counted anew when a
    /// trainer is built or restores a state.
    /// </summary>
    public required int UnreadableImages { get; init; }

    /// <summary>Where the time went.</summary>
    public required PhaseSeconds Seconds { get; init; }

    /// <summary>Images a second over the whole step.</summary>
    public required double ImagesPerSecond { get; init; }
}
