using VaPi.Evaluation.Features;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>What a <see cref="TokenizerReport"/> measures beside pixels.</summary>
public sealed record TokenizerReportOptions
{
    /// <summary>A perceptual distance, such as <see cref="ImageDistance.Lpips"/>; null for none. Stays the caller's.</summary>
    public ImageDistance? Distance { get; init; }

    /// <summary>
    /// The network in whose features the Frechet distance between images and their reconstructions is taken (rFID with an
    /// Inception-v3); null for none. Stays the caller's.
    /// </summary>
    public IFeatureNetwork? Network { get; init; }

    /// <summary>The heights of the letters to draw and read back, in pixels, each above 0. Those that do not fit an image are left out.</summary>
    public IReadOnlyList<double> TextHeights { get; init; } = [7, 10, 14, 21, 28];

    /// <summary>The images of text of each height; 0 for none. 32 unless set.</summary>
    public int TextImages { get; init; } = 32;

    /// <summary>The images of text that are encoded at a time, at least 1. 8 unless set.</summary>
    public int TextBatchSize { get; init; } = 8;

    /// <summary>Decides the letters and their colours.</summary>
    public int Seed { get; init; }

    internal void ThrowIfInvalid()
    {
        if (TextImages < 0)
            throw new ArgumentException($"{nameof(TextImages)} is {TextImages}; it must be 0 or above.");
        if (TextBatchSize < 1)
            throw new ArgumentException($"{nameof(TextBatchSize)} is {TextBatchSize}; it must be 1 or above.");
        if (TextHeights is null || TextHeights.Any(height => !(height > 0 && double.IsFinite(height))) || TextHeights.Distinct().Count() != TextHeights.Count)
            throw new ArgumentException($"{nameof(TextHeights)} must be different numbers of pixels above 0.");
    }
}
