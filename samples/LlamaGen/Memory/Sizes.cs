using static System.FormattableString;

namespace LlamaGen.Memory;

/// <summary>Sizes in memory as people read them.</summary>
internal static class Sizes
{
    /// <summary>As <c>22.4 GB</c> or <c>310 MB</c>, a GB being 10^9 bytes.</summary>
    public static string Of(long bytes) => bytes switch
    {
        >= 1_000_000_000 => Invariant($"{bytes / 1e9:N1} GB"),
        >= 1_000_000 => Invariant($"{bytes / 1e6:F0} MB"),
        _ => Invariant($"{bytes / 1e3:F0} kB"),
    };
}
