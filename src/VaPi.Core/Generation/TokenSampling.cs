using TorchSharp;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Generation;

/// <summary>What policies of one's own need to draw tokens as VaPi does.</summary>
public static class TokenSampling
{
    /// <summary>Draws one token a row of logits, or takes the likeliest.</summary>
    /// <param name="logits">(B, V), float32. Stays the caller's.</param>
    /// <param name="options">Temperature, filters, and the seed of the batch's first row.</param>
    /// <param name="position">The token's index in the sequence, which chooses the random numbers.</param>
    /// <returns>(B), int64. Belongs to the caller.</returns>
    public static Tensor Next(Tensor logits, GenerationOptions options, int position)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(options);
        using DisposeScope scope = NewDisposeScope();
        if (options.Greedy)
            return logits.argmax(-1).MoveToOuterDisposeScope();

        Tensor filtered = Filter(logits / Math.Max(options.Temperature, 1e-5), options.TopK, options.TopP);
        var uniforms = new float[logits.shape[0]];
        for (int row = 0; row < uniforms.Length; row++)
            uniforms[row] = CounterRandom.Uniform(options.Seed + (ulong)row, (ulong)position);
        Tensor draws = tensor(uniforms, [uniforms.Length, 1], device: logits.device);
        return TokenDraw.ByInverse(filtered.softmax(-1), draws).squeeze(-1).MoveToOuterDisposeScope();
    }

    /// <summary>The token whose logit plus noise is largest: with Gumbel noise a draw from the softmax of the logits.</summary>
    /// <param name="logits">(…, V), already divided by the temperature. Stays the caller's.</param>
    /// <param name="noise">(…, V), as -log(-log u) of uniform numbers u. Stays the caller's.</param>
    /// <returns>(…), int64. Belongs to the caller.</returns>
    public static Tensor Perturbed(Tensor logits, Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(noise);
        using Tensor perturbed = logits + noise;
        return perturbed.argmax(-1);
    }

    /// <summary>Sets the logits that top-k and top-p drop to minus infinity.</summary>
    /// <param name="logits">(…, V), already divided by the temperature. Stays the caller's.</param>
    /// <param name="topK">0 for off; ties with the k-th largest stay.</param>
    /// <param name="topP">1 or more for off.</param>
    /// <returns>(…, V). Belongs to the caller.</returns>
    public static Tensor Filter(Tensor logits, int topK, double topP)
    {
        ArgumentNullException.ThrowIfNull(logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor? support = LogitFilter.Support(logits, topK, topP);
        Tensor filtered = support is null ? logits.clone() : logits.masked_fill(~support, float.NegativeInfinity);
        return filtered.MoveToOuterDisposeScope();
    }
}
