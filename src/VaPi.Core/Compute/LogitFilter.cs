using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Restricts a distribution to its likeliest tokens, as the published sampling code does.</summary>
internal static class LogitFilter
{
    /// <summary>
    /// The tokens that top-k and then top-p leave. Top-k drops logits strictly below the k-th largest, so ties stay. Top-p
    /// drops a token when the tokens likelier than it already hold more than p of what top-k left.
    /// </summary>
    /// <param name="logits">(…, V), already divided by the temperature.</param>
    /// <param name="topK">0 for off.</param>
    /// <param name="topP">1 or more for off.</param>
    /// <returns>(…, V), bool; null when both are off.</returns>
    public static Tensor? Support(Tensor logits, int topK, double topP)
    {
        long vocabulary = logits.shape[^1];
        bool limitsCount = topK > 0 && topK < vocabulary;
        bool limitsMass = topP < 1;
        if (!limitsCount && !limitsMass)
            return null;

        using DisposeScope scope = NewDisposeScope();
        Tensor? kept = null;
        if (limitsCount)
        {
            (Tensor largest, _) = logits.topk(topK, dim: -1);
            kept = logits >= largest.narrow(-1, topK - 1, 1);
        }

        if (limitsMass)
        {
            Tensor left = kept is null ? logits : logits.masked_fill(~kept, float.NegativeInfinity);
            (Tensor sorted, Tensor order) = left.sort(dim: -1, descending: true);
            Tensor probabilities = sorted.softmax(-1); // (…, V), descending
            Tensor before = probabilities.cumsum(-1) - probabilities;
            Tensor keptSorted = before <= topP;
            Tensor keptByMass = zeros_like(keptSorted).scatter_(-1, order, keptSorted);
            kept = kept is null ? keptByMass : kept & keptByMass;
        }

        return kept!.MoveToOuterDisposeScope();
    }
}
