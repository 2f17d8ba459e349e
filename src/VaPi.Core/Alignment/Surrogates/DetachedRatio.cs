using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>
/// -A clip(r, 1 - low, 1 + high) logπ for every token, the clamped ratio r without gradient (clipped importance sampling policy
/// optimisation): no token is left without a gradient, as clipping the ratio itself does; one that has moved far only weighs
/// no more than the range allows.
/// </summary>
public sealed class DetachedRatio : ISurrogate
{
    private readonly RatioRange _range;

    /// <summary>Clamps ratios to 1 - <paramref name="low"/> … 1 + <paramref name="high"/>.</summary>
    /// <param name="low">0 or above; 1 or more for no lower bound.</param>
    /// <param name="high">0 or above.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative.</exception>
    public DetachedRatio(double low, double high) => _range = new RatioRange(low, high);

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(advantages);
        Tensor weight = _range.Clip((tokens.Current.detach() - tokens.Old).exp()); // (R, S, T)
        return -advantages * weight * tokens.Current;
    }
}
