namespace VaPi.Data;

/// <summary>
/// A counter-based generator: value i of a seed is a pure function of both (SplitMix64's finaliser over
/// seed' + i * the golden-ratio increment, where seed' is the finalised seed, so that seeds in a row do not share a
/// sequence). There is no state to carry, to share between threads, or to save.
/// </summary>
internal readonly struct SeededRandom(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private readonly ulong _origin = Mix(unchecked(seed + Increment));

    /// <summary>Value <paramref name="counter"/> of the seed, uniform over [0, 1) in steps of 2^-53.</summary>
    public double Uniform(uint counter) => (Mix(unchecked(_origin + ((counter + 1UL) * Increment))) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Value <paramref name="counter"/> of the seed, uniform over 0 … <paramref name="count"/>-1.</summary>
    public int Below(uint counter, int count) => (int)(Uniform(counter) * count);

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
