using System.Globalization;

namespace VaPi.Study.Evidence;

/// <summary>How numbers of a study are written.</summary>
internal static class EvidenceText
{
    private const string Alternative = "alternative ";

    /// <summary>An arm's name where alternatives stand together.</summary>
    public static string Label(string arm) => arm.StartsWith(Alternative, StringComparison.Ordinal) ? arm[Alternative.Length..] : arm;

    /// <summary>With as many decimals as say something.</summary>
    public static string Number(double value) => value.ToString(Format(value), CultureInfo.InvariantCulture);

    /// <summary>The mean with the lowest and highest, of one measure over seeds; empty for none.</summary>
    public static string Spread(IReadOnlyCollection<double> values) => values.Count switch
    {
        0 => "",
        1 => Number(values.First()),
        _ => $"{Number(values.Average())} ({Number(values.Min())} … {Number(values.Max())})",
    };

    /// <summary>A paired difference with its confidence interval, and a star if zero is outside; empty for none.</summary>
    public static string Difference(PairedDifference? difference) => difference switch
    {
        null => "",
        { Seeds: 1 } => $"{Signed(difference.Mean)} (one seed)",
        _ => $"{Signed(difference.Mean)} ± {Number(difference.HalfWidth)}{(difference.IsApart ? " *" : "")}",
    };

    private static string Signed(double value) => value > 0 ? "+" + Number(value) : Number(value);

    private static string Format(double value) => Math.Abs(value) switch
    {
        >= 1000 => "0",
        >= 100 => "0.0",
        >= 10 => "0.00",
        _ => "0.000",
    };
}
