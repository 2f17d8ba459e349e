using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>What was drawn at every position.</summary>
/// <param name="Tokens">(B, G, T), int64.</param>
/// <param name="LogProbabilities">(B, G, T), of the distribution that was drawn from.</param>
/// <param name="TruthLogProbabilities">(B, T), of the true tokens without temperature or filter; null when not wanted.</param>
/// <param name="Support">(B, T, V), bool: the tokens that the filters left; null without filters.</param>
/// <param name="Entropy">(), float64: the mean entropy of the distributions, in nats.</param>
internal sealed record GroupSample(Tensor Tokens, Tensor LogProbabilities, Tensor? TruthLogProbabilities, Tensor? Support, Tensor Entropy);
