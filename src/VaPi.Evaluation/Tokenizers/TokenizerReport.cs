using VaPi.Evaluation.Reporting;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>
/// What a tokenizer loses: images against what is left of them after encoding and decoding, and letters that are still readable.
/// No policy on this tokenizer can do better. <see cref="Table"/> has it for people to read.
/// </summary>
public sealed record TokenizerReport
{
    /// <summary>The images that were reconstructed.</summary>
    public required long ImageCount { get; init; }

    /// <summary>The mean of the images' mean squared errors, over pixels in [-1, 1].</summary>
    public required double MeanSquaredError { get; init; }

    /// <summary>The mean of the images' PSNRs, in dB.</summary>
    public required double PeakSignalToNoise { get; init; }

    /// <summary>The mean of the images' SSIMs; null for images below <see cref="VaPi.Evaluation.StructuralSimilarity.SmallestSide"/> pixels.</summary>
    public double? StructuralSimilarity { get; init; }

    /// <summary>The perceptual distance's name and mean; null if none was asked for.</summary>
    public (string Name, double Mean)? Distance { get; init; }

    /// <summary>Between images and their reconstructions; null if no network was given, or there are fewer than two images.</summary>
    public double? FrechetDistance { get; init; }

    /// <summary>What becomes of fine detail; see <see cref="FineDetail.Error"/>. Null for images below <see cref="FineDetail.SmallestSide"/> pixels.</summary>
    public double? FineDetailError { get; init; }

    /// <summary>How much fine detail there is in the end; see <see cref="FineDetail.Energy"/>. Null as above.</summary>
    public double? FineDetailEnergy { get; init; }

    /// <summary>V.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>How the images use the codebook.</summary>
    public required CodebookUsage Codebook { get; init; }

    /// <summary>Text read back, by the letters' height.</summary>
    public required IReadOnlyList<TextReading> Text { get; init; }

    /// <summary>All of it.</summary>
    public MeasureTable Table => new($"{ImageCount} images encoded and decoded", Lines());

    /// <summary>Measures a tokenizer.</summary>
    /// <param name="tokenizer">Stays the caller's.</param>
    /// <param name="images">Batches of (N, 3, H, W), float32, RGB in [-1, 1], of the tokenizer's size. Each is disposed once it is used; see <see cref="ImageStream"/>.</param>
    /// <param name="options">Null for the defaults: no perceptual distance and no Frechet distance, which need networks.</param>
    /// <param name="progress">Told the number of images so far.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">There are no images, one is of another size, or an option is outside its range.</exception>
    public static TokenizerReport Measure(
        ITokenizer tokenizer, IEnumerable<Tensor> images, TokenizerReportOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new TokenizerReportOptions();
        options.ThrowIfInvalid();
        using var measurement = new ReconstructionMeasurement(tokenizer, options);
        ImageStream.ForEach(
            images,
            batch =>
            {
                measurement.Add(batch);
                progress?.Report(measurement.Count);
            },
            cancellationToken);
        return measurement.Report(TextMeasurement.Of(tokenizer, options, cancellationToken));
    }

    /// <summary>The table as text.</summary>
    public override string ToString() => Table.ToString();

    private IEnumerable<Measure> Lines()
    {
        yield return new Measure("mean squared error", MeanSquaredError, HigherIsBetter: false);
        yield return new Measure("PSNR", PeakSignalToNoise, "dB", true);
        if (StructuralSimilarity is { } similarity)
            yield return new Measure("SSIM", similarity, HigherIsBetter: true);
        if (Distance is { } distance)
            yield return new Measure(distance.Name, distance.Mean, HigherIsBetter: false);
        if (FrechetDistance is { } frechet)
            yield return new Measure("reconstruction Frechet distance", frechet, HigherIsBetter: false);
        if (FineDetailError is { } error)
            yield return new Measure("fine detail, error", 100 * error, "%", false);
        if (FineDetailEnergy is { } energy)
            yield return new Measure("fine detail, energy", 100 * energy, "%");
        yield return new Measure("codebook rows used", 100 * Codebook.Share, "%", true);
        yield return new Measure("codebook perplexity", Codebook.Perplexity, $"of {CodebookSize}", true);
        foreach (TextReading reading in Text)
            yield return new Measure(FormattableString.Invariant($"letters of {reading.Height:G4} px read back"), 100 * reading.Reconstruction, "%", true);
    }
}
