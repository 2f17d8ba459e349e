namespace QuickStart.Pictures;

/// <summary>Round numbers to mark on an axis.</summary>
internal static class AxisTicks
{
    /// <summary>Multiples of 1, 2 or 5 times a power of ten within a range; about as many as asked for.</summary>
    /// <returns>In rising order, and how many decimals they need.</returns>
    public static (IReadOnlyList<double> Values, int Decimals) Between(double low, double high, int about)
    {
        double rough = Math.Max((high - low) / Math.Max(1, about), 1e-9);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * new[] { 1, 2, 5, 10 }.First(factor => factor * power >= rough * (1 - 1e-9));
        long first = (long)Math.Ceiling(low / step - 1e-9);
        long last = (long)Math.Floor(high / step + 1e-9);
        int decimals = Math.Max(0, (int)-Math.Floor(Math.Log10(step) + 1e-9));
        return ([.. Enumerable.Range(0, (int)(last - first + 1)).Select(index => (first + index) * step)], decimals);
    }
}
