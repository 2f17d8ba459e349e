namespace VaPi.Alignment.Metrics;

/// <summary>Rewards of a rollout's samples.</summary>
/// <param name="Mean">The mean over all samples.</param>
/// <param name="Deviation">The standard deviation over all samples (n - 1).</param>
/// <param name="GroupDeviation">The standard deviation within a group (n - 1), mean over groups: what advantages are made of.</param>
public sealed record RewardStatistics(double Mean, double Deviation, double GroupDeviation);
