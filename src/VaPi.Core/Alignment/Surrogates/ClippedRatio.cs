using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>
/// max(-A r, -A clip(r, 1 - low, 1 + high)) for every token, r the ratio of new to old probability (proximal policy
/// optimisation).
/// </summary>
public sealed class ClippedRatio : ISurrogate
{
    private readonly double _high;
    private readonly double _low;

    /// <summary>Clips ratios to 1 - <paramref name="low"/> … 1 + <paramref name="high"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative.</exception>
    public ClippedRatio(double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(low);
        ArgumentOutOfRangeException.ThrowIfNegative(high);
        (_low, _high) = (low, high);
    }

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(advantages);
        Tensor ratio = (tokens.Current - tokens.Old).exp(); // (R, S, T)
        Tensor clipped = ratio.clamp(1 - _low, 1 + _high);
        return maximum(-advantages * ratio, -advantages * clipped);
    }
}
