namespace VaPi.Study.Reports;

/// <summary>A line of a plot: at each place the mean over seeds, and the lowest and highest of them.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Points">From left to right.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Mean, double Lowest, double Highest)> Points)
{
    /// <summary>The curve of one measure.</summary>
    /// <param name="name">What the legend says.</param>
    /// <param name="rows">Of all seeds.</param>
    /// <param name="place">Where on the horizontal axis a row belongs.</param>
    /// <param name="measure">What is drawn; rows without it are left out.</param>
    public static Curve Of(string name, IEnumerable<ResultRow> rows, Func<ResultRow, double> place, Func<ResultRow, double?> measure) => new(
        name,
        [
            .. rows.Where(row => measure(row) is not null)
                .GroupBy(place, row => measure(row)!.Value)
                .OrderBy(group => group.Key)
                .Select(group => (group.Key, group.Average(), group.Min(), group.Max())),
        ]);

    /// <summary>The curve of one measure against the seconds of training: at each rollout its mean over seeds, at the seconds' mean.</summary>
    /// <param name="name">What the legend says.</param>
    /// <param name="rows">Of all seeds.</param>
    /// <param name="measure">What is drawn.</param>
    public static Curve OverSeconds(string name, IEnumerable<ResultRow> rows, Func<ResultRow, double> measure) => new(
        name,
        [
            .. rows.GroupBy(row => row.Rollout)
                .OrderBy(rollout => rollout.Key)
                .Select(rollout => (rollout.Average(row => row.Seconds), rollout.Average(measure), rollout.Min(measure), rollout.Max(measure))),
        ]);
}
