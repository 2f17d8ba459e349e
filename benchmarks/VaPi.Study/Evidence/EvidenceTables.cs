using System.Globalization;

namespace VaPi.Study.Evidence;

/// <summary>Results of a world as Markdown tables, a row an arm.</summary>
internal static class EvidenceTables
{
    /// <summary>What every arm did, and how far from others it is.</summary>
    /// <param name="set">The results.</param>
    /// <param name="arms">The rows; those without results are left out.</param>
    /// <param name="references">Whom the first measure's differences are to.</param>
    /// <param name="measures">The columns.</param>
    public static string Comparison(EvidenceSet set, IEnumerable<string> arms, IReadOnlyList<string> references, IReadOnlyList<string> measures) => Table(
        ["", "seeds", "learning rate", measures[0], .. references.Select(reference => $"minus {EvidenceText.Label(reference)}"), .. measures.Skip(1), "processor seconds"],
        set.Arms.Intersect(arms).Select(arm =>
        {
            IReadOnlyList<EvidenceResult> results = set.Of(arm);
            return (string[])
            [
                EvidenceText.Label(arm),
                results.Count.ToString(CultureInfo.InvariantCulture),
                results[0].LearningRate == 0 ? "" : results[0].LearningRate.ToString("0.######", CultureInfo.InvariantCulture),
                Spread(set, arm, measures[0]),
                .. references.Select(reference => reference == arm ? "" : EvidenceText.Difference(set.Difference(arm, reference, measures[0]))),
                .. measures.Skip(1).Select(measure => Spread(set, arm, measure)),
                results[0].Rollouts == 0 ? "" : results.Average(result => result.Seconds).ToString("0", CultureInfo.InvariantCulture),
            ];
        }));

    /// <summary>Measures alone.</summary>
    /// <param name="set">The results.</param>
    /// <param name="arms">The rows; those without results are left out.</param>
    /// <param name="measures">The columns.</param>
    public static string Measures(EvidenceSet set, IEnumerable<string> arms, IReadOnlyList<string> measures) => Table(
        ["", .. measures],
        set.Arms.Intersect(arms).Select(arm => (string[])[EvidenceText.Label(arm), .. measures.Select(measure => Spread(set, arm, measure))]));

    private static string Spread(EvidenceSet set, string arm, string measure) => EvidenceText.Spread([.. set.BySeed(arm, measure).Values]);

    private static string Table(IReadOnlyList<string> header, IEnumerable<string[]> rows) =>
        string.Concat(rows.Prepend([.. header.Select(_ => "---")]).Prepend([.. header]).Select(cells => $"| {string.Join(" | ", cells)} |\n"));
}
