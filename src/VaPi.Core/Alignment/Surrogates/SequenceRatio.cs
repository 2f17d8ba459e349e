using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>
/// max(-A s, -A clip(s, 1 - low, 1 + high)) with one ratio s a sample, the geometric mean of its tokens' ratios (group
/// sequence policy optimisation): a sample is clipped as a whole or not at all. Its ratio moves far less than a token's, so
/// the ranges are smaller; 3e-4 and 4e-4 are published.
/// </summary>
public sealed class SequenceRatio : ISurrogate
{
    private readonly RatioRange _range;

    /// <summary>Clips ratios to 1 - <paramref name="low"/> … 1 + <paramref name="high"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative.</exception>
    public SequenceRatio(double low, double high) => _range = new RatioRange(low, high);

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(advantages);
        Tensor ratio = (tokens.Current - tokens.Old).mean([-1], keepdim: true).exp(); // (R, S, 1)
        return _range.ClippedLoss(ratio, advantages).expand_as(tokens.Current); // (R, S, T)
    }
}
