using static TorchSharp.torch;

namespace VaPi.Alignment.Rollouts;

/// <summary>
/// Sampled tokens and the contexts they were sampled in. R contexts with S samples each make B·G samples, image by image: under
/// teacher forcing every image has one context, so R = B and S = G; where every sample has its own context, R = B·G and
/// S = 1. Owns its tensors, but not the condition unless it says so.
/// </summary>
public sealed class Rollout : IDisposable
{
    /// <summary>The condition of each of the R contexts. Stays its owner's, unless <see cref="OwnsCondition"/>.</summary>
    public required Condition Condition { get; init; }

    /// <summary>Whether the condition was made for this rollout and is disposed with it. False unless a source says otherwise.</summary>
    public bool OwnsCondition { get; init; }

    /// <summary>(R, T), int64: what the policy is teacher-forced on.</summary>
    public required Tensor Context { get; init; }

    /// <summary>(R, S, T), int64: the sampled tokens.</summary>
    public required Tensor Samples { get; init; }

    /// <summary>(R, S, T): log-probabilities of the samples under the distribution they were drawn from.</summary>
    public required Tensor OldLogProbabilities { get; init; }

    /// <summary>(R, T), int64: the true tokens, for terms on them; null if there are none.</summary>
    public Tensor? TrueTokens { get; init; }

    /// <summary>(R, T): log-probabilities of the true tokens; only needed with <see cref="Features"/>.</summary>
    public Tensor? TrueLogProbabilities { get; init; }

    /// <summary>(R, T, V), bool: the tokens that the ratio's distribution is restricted to; null for all.</summary>
    public Tensor? Support { get; init; }

    /// <summary>(R, T, D): the sampling forward's features with their graph, when it serves as the training forward too.</summary>
    public Tensor? Features { get; init; }

    /// <summary>
    /// (R, S, T, V): the Gumbel noise that decided the samples, each of which has the largest sum of log-probability and noise;
    /// needed where <see cref="RolloutRequest.KeepPerturbation"/> asks for it.
    /// </summary>
    public Tensor? Perturbation { get; init; }

    /// <summary>(): the mean entropy of the distributions that were drawn from, in nats; null if not known.</summary>
    public Tensor? Entropy { get; init; }

    /// <summary>Seconds spent on encoding, of all that collecting took.</summary>
    public double EncodeSeconds { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? tensor in new[] { Context, Samples, OldLogProbabilities, TrueTokens, TrueLogProbabilities, Support, Features, Perturbation, Entropy })
            tensor?.Dispose();
        if (OwnsCondition)
            Condition.Dispose();
    }
}
