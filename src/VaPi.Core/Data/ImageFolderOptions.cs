namespace VaPi.Data;

/// <summary>How an <see cref="ImageFolder"/> reads its images. It takes a copy when it is opened.</summary>
public sealed class ImageFolderOptions : ImageDecodingOptions
{
    private const int MostThreads = 256;

    /// <summary>How an image becomes one of the folder's size. Default: <see cref="ImageCrop.Center"/>, as published.</summary>
    public ImageCrop Crop { get; set; } = ImageCrop.Center;

    /// <summary>
    /// The probability, in [0, 1], that a draw mirrors its image left to right; decided by <see cref="ImageDraw.Seed"/>
    /// alone. Default: 0, as published.
    /// </summary>
    public double FlipProbability { get; set; }

    /// <summary>
    /// Whether the images have no classes: those in the folder and in all folders under it are taken, and their
    /// condition is <see cref="NoCondition"/>. Default: false, each sub-folder is a class.
    /// </summary>
    public bool Unlabelled { get; set; }

    /// <summary>
    /// How many images are decoded at the same time, from 1 to 256. The result does not depend on it. Default: 2.
    /// </summary>
    public int Threads { get; set; } = 2;

    internal ImageFolderOptions Copy() => (ImageFolderOptions)MemberwiseClone();

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
