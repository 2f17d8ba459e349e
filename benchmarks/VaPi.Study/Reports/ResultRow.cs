namespace VaPi.Study.Reports;

/// <summary>One measurement of one run.</summary>
internal sealed record ResultRow
{
    /// <summary>What the run changed.</summary>
    public required string Factor { get; init; }

    /// <summary>What it was changed to.</summary>
    public required string Value { get; init; }

    public required int Seed { get; init; }

    /// <summary>The rollouts made when it was measured; 0 for the policy as it comes.</summary>
    public required int Rollout { get; init; }

    /// <summary>Held-out reward under the true prefix.</summary>
    public required double RewardClean { get; init; }

    /// <summary>Held-out reward under a noisy prefix.</summary>
    public required double RewardNoisy { get; init; }

    public required double Frechet { get; init; }

    /// <summary>The KL divergence to the start in nats a token, as of the last rollout; null before the first.</summary>
    public double? KlDivergence { get; init; }

    /// <summary>The entropy in nats a token, as of the last rollout; null before the first.</summary>
    public double? Entropy { get; init; }

    /// <summary>The seconds of the rollouts so far.</summary>
    public double Seconds { get; init; }
}
