using System.Text.Json;

namespace VaPi.Study.Reports;

/// <summary>One point of what <c>VaPi.Benchmarks sweep --json</c> has written.</summary>
/// <param name="Varied">What differs from the size around which the sweep goes; null for that size itself.</param>
/// <param name="Sizes">Of the point.</param>
/// <param name="Rollout">Median seconds.</param>
internal sealed record SweepPoint(string? Varied, SweepSizes Sizes, SweepRollout Rollout)
{
    /// <summary>The file's name without its ending.</summary>
    public const string FileName = "sweep";

    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <returns>None where there is no file.</returns>
    public static IReadOnlyList<SweepPoint> Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<List<SweepPoint>>(File.ReadAllText(path), Format) ?? [] : [];

    /// <returns>Whether it belongs to the curve along which a size varies.</returns>
    public bool IsOf(string size) => Varied is null || Varied.Equals(size, StringComparison.OrdinalIgnoreCase);
}
