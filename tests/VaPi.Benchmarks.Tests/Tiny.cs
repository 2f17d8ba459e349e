namespace VaPi.Benchmarks.Tests;

/// <summary>Sizes at which a rollout takes milliseconds.</summary>
internal static class Tiny
{
    public static IReadOnlyList<string> Arguments { get; } =
    [
        "--images", "2", "--group", "3", "--grid", "4", "--side", "16", "--vocabulary", "64", "--width", "32", "--layers", "2", "--heads", "2", "--pixels-only", "--threads", "1",
    ];
}
