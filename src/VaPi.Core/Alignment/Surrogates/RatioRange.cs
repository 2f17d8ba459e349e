using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>The range 1 - low … 1 + high that surrogates clip ratios of new to old probability to.</summary>
internal sealed class RatioRange
{
    private readonly double _high;
    private readonly double _low;

    /// <exception cref="ArgumentOutOfRangeException">A range is negative.</exception>
    public RatioRange(double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(low);
        ArgumentOutOfRangeException.ThrowIfNegative(high);
        (_low, _high) = (low, high);
    }

    /// <param name="ratios">Any shape.</param>
    /// <returns>The same shape, in the caller's dispose scope.</returns>
    public Tensor Clip(Tensor ratios) => ratios.clamp(1 - _low, 1 + _high);

    /// <summary>max(-A r, -A clip(r)): a ratio beyond the range has no gradient where it would go further.</summary>
    /// <param name="ratios">r, (R, S, T) or (R, S, 1).</param>
    /// <param name="advantages">A, of a shape that fits.</param>
    /// <returns>In the caller's dispose scope.</returns>
    public Tensor ClippedLoss(Tensor ratios, Tensor advantages) => maximum(-advantages * ratios, -advantages * Clip(ratios));
}
