namespace VaPi.Compute;

/// <summary>Cuts a sequence into runs of positions, so that the logits of one run are all that exists at a time.</summary>
internal static class PositionChunks
{
    // 4 M logits, 16 MB in float32: large enough for efficient products, small enough to stay near the cache.
    private const long LogitsPerChunk = 4L << 20;

    /// <summary>The number of positions at a time that keeps a chunk's logits near 16 MB.</summary>
    public static int DefaultLength(long images, long vocabulary) => (int)Math.Clamp(LogitsPerChunk / (images * vocabulary), 1, int.MaxValue);

    /// <summary>Consecutive runs of at most <paramref name="length"/> positions; the last may be shorter.</summary>
    public static IEnumerable<(long Start, long Length)> Of(long positions, int length)
    {
        for (long start = 0; start < positions; start += length)
            yield return (start, Math.Min(length, positions - start));
    }
}
