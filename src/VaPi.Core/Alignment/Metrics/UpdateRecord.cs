namespace VaPi.Alignment.Metrics;

/// <summary>What became of a rollout's updates.</summary>
/// <param name="Minibatches">Every minibatch's losses, in order.</param>
/// <param name="GradientNorms">Of the updates that were made.</param>
/// <param name="Skipped">The updates that were not made, because something was not finite.</param>
/// <param name="SkipReason">What was not, in the last of them.</param>
internal sealed record UpdateRecord(IReadOnlyList<MinibatchMetrics> Minibatches, IReadOnlyList<double> GradientNorms, int Skipped, string? SkipReason);
