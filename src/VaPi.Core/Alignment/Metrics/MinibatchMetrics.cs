namespace VaPi.Alignment.Metrics;

/// <summary>One minibatch's losses, before they are divided by the number of minibatches of the update.</summary>
/// <param name="Loss">All terms together, weighted.</param>
/// <param name="PolicyLoss">The policy loss alone.</param>
/// <param name="Regularisers">Each regulariser by name, not weighted.</param>
/// <param name="MeanRatio">The mean ratio of new to old probability.</param>
/// <param name="ClippedFraction">The share of tokens whose ratio is outside the clip range, 0 … 1.</param>
public sealed record MinibatchMetrics(
    double Loss, double PolicyLoss, IReadOnlyDictionary<string, double> Regularisers, double MeanRatio, double ClippedFraction);
