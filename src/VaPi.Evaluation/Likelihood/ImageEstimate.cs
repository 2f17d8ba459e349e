using System.Globalization;

namespace VaPi.Evaluation.Likelihood;

/// <summary>A quantity measured on each of N images: its mean, and how far that may be off.</summary>
/// <remarks>
/// The images are the units: what is averaged within one (tokens, samples) is averaged before. So the standard error is that of
/// another choice of images, and two policies measured on the same images are compared in pairs by <see cref="Minus"/>.
/// </remarks>
public sealed class ImageEstimate
{
    /// <summary>An estimate of one value an image.</summary>
    /// <param name="values">At least one, in the order of the images.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public ImageEstimate(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Values = [.. values];
        if (Values.Count == 0)
            throw new ArgumentException("There is no value; an estimate is of at least one image.", nameof(values));
        Mean = Values.Average();
        Deviation = Values.Count == 1 ? double.NaN : Math.Sqrt(Values.Sum(value => (value - Mean) * (value - Mean)) / (Values.Count - 1));
    }

    /// <summary>The value of each image.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>N, the number of images.</summary>
    public int Count => Values.Count;

    /// <summary>The mean over the images.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation over the images (n - 1); NaN for a single one.</summary>
    public double Deviation { get; }

    /// <summary>The standard error of the mean; NaN for a single image.</summary>
    public double StandardError => Deviation / Math.Sqrt(Count);

    /// <summary>The difference to another quantity of the same images, image by image.</summary>
    /// <param name="other">Of as many images, in the same order.</param>
    /// <returns>This less the other; its standard error is that of pairs, which is smaller where both vary alike.</returns>
    /// <exception cref="ArgumentException">The numbers of images differ.</exception>
    public ImageEstimate Minus(ImageEstimate other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Count == Count
            ? new ImageEstimate(Values.Zip(other.Values, (left, right) => left - right))
            : throw new ArgumentException($"An estimate of {other.Count} images cannot be taken from one of {Count}: pairs need the same images.", nameof(other));
    }

    /// <summary>Mean and standard error, as in <c>-4.213 ± 0.021</c>.</summary>
    public override string ToString() => double.IsFinite(StandardError)
        ? string.Create(CultureInfo.InvariantCulture, $"{Rounded(Mean)} ± {Rounded(StandardError)}")
        : Rounded(Mean);

    // As many decimals as show two digits of the error.
    private string Rounded(double value)
    {
        double scale = StandardError > 0 && double.IsFinite(StandardError) ? StandardError : Math.Abs(Mean) / 100;
        int decimals = scale > 0 && double.IsFinite(scale) ? Math.Clamp(1 - (int)Math.Floor(Math.Log10(scale)), 0, 9) : 3;
        return value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
