namespace VaPi.Compute;

/// <summary>
/// Random numbers without state: each is a hash of a seed and a position, so that what is drawn for one image depends on
/// nothing else in the batch. The hash is the finaliser of SplitMix64.
/// </summary>
internal static class CounterRandom
{
    /// <summary>A 64-bit hash of a seed and a position.</summary>
    public static ulong Hash(ulong seed, ulong position)
    {
        ulong mixed = Finish(seed) + (position + 1) * 0x9E3779B97F4A7C15UL;
        return Finish(mixed);
    }

    /// <summary>A uniform number in [0, 1) with 24 random bits, exact in float32.</summary>
    public static float Uniform(ulong seed, ulong position) => (Hash(seed, position) >> 40) * (1f / (1 << 24));

    private static ulong Finish(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
