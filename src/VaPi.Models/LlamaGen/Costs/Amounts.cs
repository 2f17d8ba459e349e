using static System.FormattableString;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>Bytes and operations as people read them.</summary>
public static class Amounts
{
    private static readonly (double Unit, string Prefix)[] Prefixes = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

    /// <summary>As <c>22.4 GB</c> or <c>310 MB</c>, a GB being 10^9 bytes.</summary>
    public static string OfBytes(double bytes) => bytes switch
    {
        >= 1e9 => Invariant($"{bytes / 1e9:N1} GB"),
        >= 1e6 => Invariant($"{bytes / 1e6:F0} MB"),
        _ => Invariant($"{bytes / 1e3:F0} kB"),
    };

    /// <summary>As <c>8.32 T</c>, <c>345 G</c> or <c>12.0 M</c>: three digits, T being 10^12, G 10^9 and M 10^6.</summary>
    public static string OfOperations(double operations)
    {
        (double unit, string prefix) = Prefixes.FirstOrDefault(entry => operations >= 0.9995 * entry.Unit, (1, ""));
        double value = operations / unit;
        string digits = value switch
        {
            >= 99.95 => Invariant($"{value:N0}"),
            >= 9.995 => Invariant($"{value:F1}"),
            _ => Invariant($"{value:F2}"),
        };
        return prefix.Length == 0 ? Invariant($"{value:F0}") : $"{digits} {prefix}";
    }
}
