using System.Globalization;

namespace VaPi.Reporting.Charts;

/// <summary>Round numbers to mark on an axis, and how to write them.</summary>
internal static class AxisTicks
{
    private static readonly int[] s_factors = [1, 2, 5, 10];

    /// <summary>Multiples of 1, 2 or 5 times a power of ten that lie within a range; about as many as asked for.</summary>
    public static IReadOnlyList<double> Between(double low, double high, int about)
    {
        double rough = (high - low) / about;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * s_factors.First(factor => factor * power >= rough * (1 - 1e-9));
        double first = Math.Ceiling(low / step - 1e-9);
        int count = (int)(Math.Floor(high / step + 1e-9) - first) + 1;
        return [.. Enumerable.Range(0, count).Select(index => (first + index) * step)];
    }

    /// <summary>A tick's number, with no more digits than tell it from its neighbours.</summary>
    /// <param name="value">The tick.</param>
    /// <param name="step">The distance of two ticks.</param>
    public static string Label(double value, double step)
    {
        if (Math.Abs(value) < step / 1000)
            return "0";
        if (Math.Abs(value) is >= 1e6 or < 1e-3)
            return value.ToString("0.###e+0", CultureInfo.InvariantCulture);
        int decimals = Math.Clamp(-(int)Math.Floor(Math.Log10(step) + 1e-9), 0, 9);
        return value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
