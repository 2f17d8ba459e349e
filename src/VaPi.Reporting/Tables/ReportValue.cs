using System.Globalization;

namespace VaPi.Reporting;

/// <summary>A cell of a table: a mean with its spread, a single number, or a word.</summary>
public sealed record ReportValue
{
    private ReportValue(double? mean, double? spread, string? word) => (Mean, Spread, Word) = (mean, spread, word);

    /// <summary>A number with a spread.</summary>
    /// <param name="mean">The number.</param>
    /// <param name="spread">How far it may be off, such as a standard deviation or error: the table's note says which. 0 or above, or NaN for unknown.</param>
    /// <exception cref="ArgumentOutOfRangeException">The spread is below 0.</exception>
    public ReportValue(double mean, double spread)
        : this(mean, double.IsNaN(spread) ? null : spread, word: null)
    {
        if (spread < 0)
            throw new ArgumentOutOfRangeException(nameof(spread), spread, "A spread is 0 or above, or NaN where it is not known.");
    }

    /// <summary>The number; null for a word.</summary>
    public double? Mean { get; }

    /// <summary>How far it may be off; null where that is not known.</summary>
    public double? Spread { get; }

    /// <summary>The word; null for a number.</summary>
    public string? Word { get; }

    /// <summary>A number without a spread.</summary>
    public static implicit operator ReportValue(double value) => new(value, null, null);

    /// <summary>A word.</summary>
    public static implicit operator ReportValue(string word) => new(null, null, word ?? "");

    /// <summary>A number without a spread.</summary>
    public static ReportValue FromDouble(double value) => value;

    /// <summary>A word.</summary>
    public static ReportValue FromString(string word) => word;

    /// <summary>The mean of several values, as of one for each seed, and their standard deviation (n - 1).</summary>
    /// <param name="values">At least one; a single one has no spread.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static ReportValue Of(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double[] all = [.. values];
        if (all.Length == 0)
            throw new ArgumentException("There is no value; a mean is of at least one.", nameof(values));
        double mean = all.Average();
        return all.Length == 1 ? mean : new ReportValue(mean, Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1)));
    }

    /// <summary>As in <c>14.53 ± 0.21</c>, with two digits of the spread, or four of a number without one.</summary>
    public override string ToString() => (Mean, Spread) switch
    {
        (null, _) => Word!,
        ({ } mean, null) => Rounded(mean, Decimals(mean, 4)),
        ({ } mean, { } spread) => $"{Rounded(mean, Decimals(spread, 2))} ± {Rounded(spread, Decimals(spread, 2))}",
    };

    // The decimals with which a number shows so many digits.
    private static int Decimals(double value, int digits) => value == 0 || !double.IsFinite(value)
        ? digits - 1
        : Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 12);

    private static string Rounded(double value, int decimals) =>
        value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
