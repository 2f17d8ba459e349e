namespace VaPi.Study.Evidence;

/// <summary>The mean difference of two arms over seeds that they share, with its 95 % confidence interval by Student's t.</summary>
/// <param name="Mean">The one minus the other.</param>
/// <param name="HalfWidth">Of the interval; infinity for one seed alone.</param>
/// <param name="Seeds">How many they share.</param>
internal sealed record PairedDifference(double Mean, double HalfWidth, int Seeds)
{
    // The 97.5 % quantiles for 1, 2, … degrees of freedom.
    private static readonly double[] Quantiles =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086];

    /// <summary>Whether the interval leaves out zero.</summary>
    public bool IsApart => Math.Abs(Mean) > HalfWidth;

    /// <param name="values">By seed.</param>
    /// <param name="others">By seed.</param>
    /// <returns>Null if they share no seed.</returns>
    public static PairedDifference? Of(IReadOnlyDictionary<int, double> values, IReadOnlyDictionary<int, double> others)
    {
        double[] differences = [.. values.Where(pair => others.ContainsKey(pair.Key)).Select(pair => pair.Value - others[pair.Key])];
        if (differences.Length == 0)
            return null;
        double mean = differences.Average();
        if (differences.Length == 1)
            return new PairedDifference(mean, double.PositiveInfinity, 1);
        int freedom = differences.Length - 1;
        double variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / freedom;

        // Beyond the table its last quantile, which is a little too wide.
        double quantile = Quantiles[Math.Min(freedom, Quantiles.Length) - 1];
        return new PairedDifference(mean, quantile * Math.Sqrt(variance / differences.Length), differences.Length);
    }
}
