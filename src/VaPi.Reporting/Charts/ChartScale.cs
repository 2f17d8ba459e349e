namespace VaPi.Reporting.Charts;

/// <summary>From an axis's numbers to places on the drawing.</summary>
/// <param name="Low">The number at <paramref name="Start"/>.</param>
/// <param name="High">The number at <paramref name="End"/>; above <paramref name="Low"/>.</param>
/// <param name="Start">A place, in the drawing's units.</param>
/// <param name="End">Another.</param>
internal sealed record ChartScale(double Low, double High, double Start, double End)
{
    /// <summary>A scale that holds all numbers, with some room to both sides.</summary>
    /// <param name="numbers">Finite; at least one.</param>
    /// <param name="room">The share of the range to leave on each side.</param>
    /// <param name="start">A place.</param>
    /// <param name="end">Another.</param>
    public static ChartScale Over(IReadOnlyCollection<double> numbers, double room, double start, double end)
    {
        (double low, double high) = (numbers.Min(), numbers.Max());

        // A constant still needs a range, in which rounding does not show.
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        double margin = high - low > 1e-9 * size ? room * (high - low) : size > 0 ? 0.05 * size : 1;
        return new ChartScale(low - margin, high + margin, start, end);
    }

    public double Place(double number) => Start + (number - Low) / (High - Low) * (End - Start);
}
