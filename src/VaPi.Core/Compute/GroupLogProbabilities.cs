using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>
/// Log-probabilities of a whole group's tokens from one forward pass an image: all samples of a group share condition
/// and prefix, so their logits are the same and only the chosen tokens differ.
/// </summary>
internal static class GroupLogProbabilities
{
    /// <summary>Log-probabilities of sampled and true tokens, chunk by chunk over positions. Takes no gradients.</summary>
    /// <param name="head">(B, t, D) to logits (B, t, V).</param>
    /// <param name="features">(B, T, D).</param>
    /// <param name="samples">(B, G, T), int64.</param>
    /// <param name="truth">(B, T), int64; null when not wanted.</param>
    /// <param name="temperature">τ of the sampled tokens' distribution; the true tokens' has none.</param>
    /// <param name="support">(B, T, V), bool: the tokens the sampled distribution is restricted to; null for all.</param>
    /// <param name="chunkLength">Positions at a time.</param>
    /// <returns>(B, G, T), and (B, T) or null.</returns>
    public static (Tensor Sampled, Tensor? Truth) Evaluate(
        Func<Tensor, Tensor> head, Tensor features, Tensor samples, Tensor? truth, double temperature, Tensor? support, int chunkLength)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (long images, long positions, long groupSize) = (features.shape[0], features.shape[1], samples.shape[1]);

        // As in GroupSampling, nothing that a chunk allocates outlives it.
        Tensor? ofSamples = null; // (B, G, T)
        Tensor? ofTruth = null; // (B, T, 1)
        foreach ((long start, long length) in PositionChunks.Of(positions, chunkLength))
        {
            using DisposeScope chunk = NewDisposeScope();
            Tensor logits = head(features.narrow(1, start, length)); // (B, t, V)
            Tensor chosen = samples.narrow(2, start, length); // (B, G, t)
            (Tensor logProbabilities, Tensor normaliser) = OfSamples(logits, chosen, temperature, support?.narrow(1, start, length));
            ofSamples ??= empty([images, groupSize, positions], logProbabilities.dtype, features.device).MoveToOuterDisposeScope();
            ofSamples.narrow(2, start, length).copy_(logProbabilities);
            if (truth is null)
                continue;

            // Without temperature and restriction both distributions are the same one.
            Tensor plain = temperature == 1 && support is null ? normaliser : logits.logsumexp(-1, keepdim: true);
            ofTruth ??= empty([images, positions, 1], plain.dtype, features.device).MoveToOuterDisposeScope();
            ofTruth.narrow(1, start, length).copy_(logits.gather(-1, truth.narrow(1, start, length).unsqueeze(-1)) - plain);
        }

        return (ofSamples!.MoveToOuterDisposeScope(), ofTruth?.squeeze(-1).MoveToOuterDisposeScope());
    }

    /// <summary>Log-probabilities of sampled tokens from given logits.</summary>
    /// <param name="logits">(B, t, V).</param>
    /// <param name="samples">(B, G, t), int64.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="support">(B, t, V), bool, or null.</param>
    /// <returns>(B, G, t), and the normaliser log Σ exp(z/τ), (B, t, 1). Both live in the caller's dispose scope.</returns>
    public static (Tensor LogProbabilities, Tensor Normaliser) OfSamples(Tensor logits, Tensor samples, double temperature, Tensor? support)
    {
        Tensor scaled = Scaled(logits, temperature, support);
        Tensor normaliser = scaled.logsumexp(-1, keepdim: true); // (B, t, 1)
        Tensor logProbabilities = scaled.gather(-1, samples.transpose(1, 2)) - normaliser; // (B, t, G)
        return (logProbabilities.transpose(1, 2), normaliser);
    }

    /// <summary>Logits divided by the temperature, minus infinity outside the support; the same tensor when neither applies.</summary>
    public static Tensor Scaled(Tensor logits, double temperature, Tensor? support)
    {
        Tensor scaled = temperature == 1 ? logits : logits / temperature;
        return support is null ? scaled : scaled.masked_fill(~support, float.NegativeInfinity);
    }
}
