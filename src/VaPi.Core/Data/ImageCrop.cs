namespace VaPi.Data;

/// <summary>How an image of any size becomes one of the size that a source reads.</summary>
public sealed class ImageCrop
{
    private readonly double _minimumScale;
    private readonly double _maximumScale;

    private ImageCrop(double minimumScale, double maximumScale)
    {
        _minimumScale = minimumScale;
        _maximumScale = maximumScale;
    }

    /// <summary>
    /// The centre of the image: ADM's centre crop, as LlamaGen and the published alignment use it. While the image is at
    /// least twice as high and as wide as the target it is halved with a box filter; then it is resized bicubically
    /// (a = -0.5) so that it just covers the target, and the target is cut from its centre.
    /// </summary>
    /// <remarks>
    /// For a square target, pixel for pixel what that code computes with Python's imaging library. A target that is not
    /// square generalises it: the image is scaled to cover the target.
    /// </remarks>
    public static ImageCrop Center { get; } = new(1, 1);

    /// <summary>
    /// A random window of the target's proportions, resized to the target with the filters of <see cref="Center"/>. Its
    /// side is a uniform share of the largest such window (for a square target: of the image's shorter side), its
    /// position is uniform. Both are decided by <see cref="ImageDraw.Seed"/> alone.
    /// </summary>
    /// <param name="minimumScale">The smallest share, in (0, 1].</param>
    /// <param name="maximumScale">The largest share, in [<paramref name="minimumScale"/>, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A share is outside its range.</exception>
    public static ImageCrop Random(double minimumScale, double maximumScale)
    {
        if (!(minimumScale is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(minimumScale), minimumScale, "The smallest share of the image that a random crop takes must be above 0 and at most 1.");
        if (!(maximumScale >= minimumScale && maximumScale <= 1))
            throw new ArgumentOutOfRangeException(nameof(maximumScale), maximumScale, $"The largest share of the image that a random crop takes must be from the smallest, {minimumScale}, to 1.");
        return new ImageCrop(minimumScale, maximumScale);
    }

    /// <summary>The crop and its shares, for messages and logs.</summary>
    public override string ToString() => ReferenceEquals(this, Center) ? "Center" : $"Random({_minimumScale}, {_maximumScale})";

    internal PixelBuffer Apply(PixelBuffer image, ImageSize size, SeededRandom random) => ReferenceEquals(this, Center)
        ? Cropping.Center(image, size)
        : Cropping.Random(image, size, _minimumScale, _maximumScale, random);
}
