using VaPi.Benchmarks.Step;

namespace VaPi.Benchmarks.Sweep;

/// <summary>One size of a sweep.</summary>
/// <param name="Varied">What is changed, by its name in the file; null for the size around which the sweep goes.</param>
/// <param name="Label">For the table.</param>
/// <param name="Options">The size.</param>
internal sealed record SweepPoint(string? Varied, string Label, StepOptions Options)
{
    private static readonly int[] GroupSizes = [2, 4, 8, 16, 32];
    private static readonly int[] Grids = [4, 8, 12];
    private static readonly int[] Vocabularies = [1024, 4096, 16384];
    private static readonly int[] Images = [1, 2, 4, 8];

    /// <summary>The given size, and those in which one thing is changed.</summary>
    /// <param name="options">The size around which the sweep goes; finer grids have larger images, of as many pixels a token.</param>
    public static IReadOnlyList<SweepPoint> Around(StepOptions options)
    {
        int downsampling = options.Side / options.Grid;
        IEnumerable<SweepPoint> changed =
        [
            .. GroupSizes.Select(size => new SweepPoint("groupSize", $"G {size}", options with { GroupSize = size })),
            .. Grids.Select(grid => new SweepPoint("tokens", $"T {grid * grid}", options with { Grid = grid, Side = downsampling * grid })),
            .. Vocabularies.Select(vocabulary => new SweepPoint("vocabulary", $"V {vocabulary}", options with { Vocabulary = vocabulary })),
            .. Images.Select(images => new SweepPoint("images", $"B {images}", options with { Images = images })),
            new SweepPoint("kl", "with KL", options with { Kl = true }),
        ];
        return [new SweepPoint(null, "itself", options), .. changed.Where(point => point.Options != options)];
    }
}
