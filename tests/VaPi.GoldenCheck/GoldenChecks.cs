using System.Text.Json;
using VaPi.GoldenCheck.Checks;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck;

/// <summary>Everything that is checked of golden folders.</summary>
public static class GoldenChecks
{
    private static readonly IReadOnlyList<ICheck> s_all =
    [
        new TokenizerCheck(), new PolicyCheck(), new LpipsCheck(), new PatchGanCheck(), new EmbeddingCosineCheck(), new RolloutCheck(), new CropCheck(), new GenerationCheck(), new TextCheck(),
        new StraightThroughCheck(), new MetricsCheck(),
    ];

    /// <summary>Checks folders, one after the other.</summary>
    /// <param name="folders">Of golden cases.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="report">Told every quantity.</param>
    public static void Run(IEnumerable<string> folders, Device device, Report report)
    {
        using var weights = new FormulaWeights();
        foreach (string folder in folders)
            Run(folder, device, weights, report);
    }

    private static void Run(string folder, Device device, FormulaWeights weights, Report report)
    {
        report.Folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        GoldenFolder opened;
        try
        {
            opened = GoldenFolder.Open(folder, device, weights);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            report.Failed("config.json", exception);
            return;
        }

        using GoldenFolder golden = opened;
        foreach (ICheck check in s_all)
        {
            if (!check.AppliesTo(golden) || !report.Wants(check.Names))
                continue;
            try
            {
                check.Run(golden, report);
            }
            catch (Exception exception)
            {
                // A check that cannot finish is as wrong as one whose numbers differ; the others still run.
                report.Failed(check.Names[0], exception);
            }
        }
    }
}
