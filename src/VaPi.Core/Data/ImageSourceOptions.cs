namespace VaPi.Data;

/// <summary>How a source of image files reads its images. A source takes a copy when it is opened.</summary>
public abstract class ImageSourceOptions : ImageDecodingOptions
{
    private const int MostThreads = 256;

    private protected ImageSourceOptions()
    {
    }

    /// <summary>How an image becomes one of the source's size. Default: <see cref="ImageCrop.Center"/>, as published.</summary>
    public ImageCrop Crop { get; set; } = ImageCrop.Center;

    /// <summary>
    /// The probability, in [0, 1], that a draw mirrors its image left to right; decided by <see cref="ImageDraw.Seed"/>
    /// alone. Default: 0, as published.
    /// </summary>
    public double FlipProbability { get; set; }

    /// <summary>
    /// Whether an image that is less high or less wide than the source's size counts as unreadable, instead of being enlarged.
    /// Default, as published: false for a folder of classes, true for captioned images and shards.
    /// </summary>
    public bool RejectSmaller { get; set; }

    /// <summary>
    /// How many images are decoded at the same time, from 1 to 256. The result does not depend on it. Default: 2.
    /// </summary>
    public int Threads { get; set; } = 2;

    /// <summary>Whether a draw's seed decides how its image looks.</summary>
    internal bool IsVaried => !ReferenceEquals(Crop, ImageCrop.Center) || FlipProbability > 0;

    private protected override void Check(List<string> problems)
    {
        base.Check(problems);
        if (Crop is null)
            problems.Add($"{nameof(Crop)} is null; it must be {nameof(ImageCrop)}.{nameof(ImageCrop.Center)} or {nameof(ImageCrop)}.{nameof(ImageCrop.Random)}(…).");
        if (!(FlipProbability is >= 0 and <= 1))
            problems.Add($"{nameof(FlipProbability)} is {FlipProbability}; it must be from 0 to 1.");
        if (Threads is < 1 or > MostThreads)
            problems.Add($"{nameof(Threads)} is {Threads}; it must be from 1 to {MostThreads}.");
    }
}
