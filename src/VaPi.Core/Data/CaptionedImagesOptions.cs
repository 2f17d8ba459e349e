namespace VaPi.Data;

/// <summary>How <see cref="CaptionedImages"/> reads images and captions. It takes a copy when it is opened.</summary>
public sealed class CaptionedImagesOptions : ImageSourceOptions
{
    private const int MostPlaces = 1 << 16;

    /// <summary>The published defaults.</summary>
    public CaptionedImagesOptions() => RejectSmaller = true;

    /// <summary>
    /// The folder that relative image paths start from. Default: null, the folder of the <c>.jsonl</c> file that names them.
    /// </summary>
    public string? ImageRoot { get; set; }

    /// <summary>
    /// Whether all image paths must lie below the folder that relative ones start from; set true for lists from elsewhere. Links below
    /// it are followed wherever they lead. Default: false, paths are used as they are written.
    /// </summary>
    public bool OnlyBelowRoot { get; set; }

    /// <summary>C, the places of a caption, from 1 to 65536; longer captions lose their end. Default: 120, as published.</summary>
    public int Places { get; set; } = 120;

    /// <summary>
    /// A second folder, with features of shorter captions, of which a draw takes one with
    /// <see cref="ShortCaptionProbability"/>. Default: null, there are none.
    /// </summary>
    public string? ShortFeatures { get; set; }

    /// <summary>
    /// The probability, in [0, 1], that a draw takes the short caption, where there are any; decided by
    /// <see cref="ImageDraw.Seed"/> alone. Default: 0.3, as published.
    /// </summary>
    public double ShortCaptionProbability { get; set; } = 0.3;

    internal CaptionedImagesOptions Copy() => (CaptionedImagesOptions)MemberwiseClone();

    private protected override void Check(List<string> problems)
    {
        base.Check(problems);
        CheckCaptions(problems, Places, ShortCaptionProbability);
    }

    internal static void CheckCaptions(List<string> problems, int places, double shortCaptionProbability)
    {
        if (places is < 1 or > MostPlaces)
            problems.Add($"{nameof(Places)} is {places}; it must be from 1 to {MostPlaces}.");
        if (!(shortCaptionProbability is >= 0 and <= 1))
            problems.Add($"{nameof(ShortCaptionProbability)} is {shortCaptionProbability}; it must be from 0 to 1.");
    }
}
