using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>
/// max(-A r, -A clip(r, 1 - low, 1 + high)) for every token, r the ratio of new to old probability (proximal policy
/// optimisation).
/// </summary>
public sealed class ClippedRatio : ISurrogate
{
    private readonly RatioRange _range;

    /// <summary>Clips ratios to 1 - <paramref name="low"/> … 1 + <paramref name="high"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative.</exception>
    public ClippedRatio(double low, double high) => _range = new RatioRange(low, high);

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(advantages);
        Tensor ratio = (tokens.Current - tokens.Old).exp(); // (R, S, T)
        return _range.ClippedLoss(ratio, advantages);
    }
}
