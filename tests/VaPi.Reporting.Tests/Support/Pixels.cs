using SkiaSharp;

namespace VaPi.Reporting.Tests.Support;

/// <summary>Colours as eyes tell them apart, by the formulas of the accessibility guidelines for web content.</summary>
internal static class Pixels
{
    /// <summary>Relative luminance, 0 for black to 1 for white.</summary>
    public static double Luminance(SKColor colour)
    {
        static double Linear(byte value) => value / 255.0 <= 0.04045 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);
        return 0.2126 * Linear(colour.Red) + 0.7152 * Linear(colour.Green) + 0.0722 * Linear(colour.Blue);
    }

    /// <summary>1 for the same colour to 21 for black on white; text needs 4.5, lines 3.</summary>
    public static double Contrast(SKColor left, SKColor right)
    {
        (double a, double b) = (Luminance(left) + 0.05, Luminance(right) + 0.05);
        return Math.Max(a, b) / Math.Min(a, b);
    }
}
