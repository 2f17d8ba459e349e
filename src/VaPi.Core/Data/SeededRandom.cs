using VaPi.Compute;

namespace VaPi.Data;

/// <summary>
/// The random decisions about one image: value i of a seed is a pure function of both, so there is no state to carry, to
/// share between threads, or to save.
/// </summary>
internal readonly struct SeededRandom(ulong seed)
{
    // Shifted, so that a draw's decisions share nothing with other uses of the same number as a seed.
    private readonly ulong _seed = unchecked(seed + 0x9E3779B97F4A7C15);

    /// <summary>Value <paramref name="counter"/> of the seed, uniform over [0, 1) in steps of 2^-53.</summary>
    public double Uniform(uint counter) => (CounterRandom.Hash(_seed, counter) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Value <paramref name="counter"/> of the seed, uniform over 0 … <paramref name="count"/>-1.</summary>
    public int Below(uint counter, int count) => (int)(Uniform(counter) * count);
}
