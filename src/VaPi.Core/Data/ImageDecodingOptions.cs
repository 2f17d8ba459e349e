namespace VaPi.Data;

/// <summary>How image files are decoded, and which are refused.</summary>
public class ImageDecodingOptions
{
    private const long LargestFileBytes = 2_000_000_000;
    private const long LargestPixels = 500_000_000;

    /// <summary>
    /// Whether to turn a JPEG or WebP image upright as its EXIF orientation says, which is what a viewer shows. The published
    /// pipeline ignores the orientation; set false to match it on photographs that have one. Default: true.
    /// </summary>
    public bool ApplyOrientation { get; set; } = true;

    /// <summary>
    /// Whether what is transparent lets white show through, which is what a page shows. The published pipeline drops alpha
    /// instead, so that colours appear which were meant to be hidden; set false to match it on images that have one.
    /// Default: true.
    /// </summary>
    public bool BlendAlpha { get; set; } = true;

    /// <summary>
    /// The largest image, in pixels, from 1 to 500 million. It is compared with the size in the file's header, before
    /// memory is reserved, so that a small file which claims to be a huge image does no harm. Default: 100 million.
    /// </summary>
    public long MaximumPixels { get; set; } = 100_000_000;

    /// <summary>The largest file, in bytes, from 1 to 2 billion. Default: 256 MiB.</summary>
    public long MaximumFileBytes { get; set; } = 256L << 20;

    /// <summary>Adds a sentence for each option that is out of its range.</summary>
    private protected virtual void Check(List<string> problems)
    {
        if (MaximumPixels is < 1 or > LargestPixels)
            problems.Add($"{nameof(MaximumPixels)} is {MaximumPixels}; it must be from 1 to {LargestPixels}.");
        if (MaximumFileBytes is < 1 or > LargestFileBytes)
            problems.Add($"{nameof(MaximumFileBytes)} is {MaximumFileBytes}; it must be from 1 to {LargestFileBytes}.");
    }

    internal void ThrowIfInvalid(string parameterName)
    {
        var problems = new List<string>();
        Check(problems);
        if (problems.Count > 0)
            throw new ArgumentException($"{GetType().Name}: {string.Join(' ', problems)}", parameterName);
    }
}
