using static TorchSharp.torch;

namespace VaPi.Alignment.Regularisers;

/// <summary>The prior term: cross-entropy of the true tokens, from the same logits under the same noisy prefix, without temperature.</summary>
public sealed class PriorTerm(double weight) : IRegulariser
{
    /// <inheritdoc/>
    public string Name => "prior";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public bool NeedsReference => false;

    /// <inheritdoc/>
    public bool NeedsTruth => true;

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return -tokens.Truth!.unsqueeze(1);
    }
}
