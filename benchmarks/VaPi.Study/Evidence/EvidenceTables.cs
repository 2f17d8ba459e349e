using System.Globalization;

namespace VaPi.Study.Evidence;

/// <summary>Results as Markdown tables.</summary>
internal static class EvidenceTables
{
    /// <summary>One table of means with the lowest and highest over seeds, and one of differences to an arm.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="results">Of one world.</param>
    /// <param name="reference">The arm that the others are compared with.</param>
    public static void Write(TextWriter writer, IReadOnlyList<EvidenceResult> results, string reference)
    {
        string[] measures = [.. results.SelectMany(result => result.Measures.Keys).Distinct()];
        List<IGrouping<string, EvidenceResult>> arms = [.. results.GroupBy(result => result.Arm)];
        WriteRow(writer, ["", "seeds", "learning rate", "images", "seconds", .. measures]);
        WriteRow(writer, Enumerable.Repeat("---", measures.Length + 5));
        foreach (IGrouping<string, EvidenceResult> arm in arms)
        {
            WriteRow(
                writer,
                [
                    arm.Key,
                    Text(arm.Count(), "0"),
                    Text(arm.First().LearningRate, "0.######"),
                    Text(arm.First().Images, "0"),
                    Text(arm.Average(result => result.Seconds), "0"),
                    .. measures.Select(measure => Spread([.. BySeed(arm, measure).Values])),
                ]);
        }

        if (arms.Find(arm => arm.Key == reference) is not { } compared)
            return;
        writer.WriteLine();
        writer.WriteLine($"Less {reference}, paired by seed, with 95 % confidence intervals (*: zero is outside):");
        writer.WriteLine();
        WriteRow(writer, ["", .. measures]);
        WriteRow(writer, Enumerable.Repeat("---", measures.Length + 1));
        foreach (IGrouping<string, EvidenceResult> arm in arms.Where(arm => arm != compared))
            WriteRow(writer, [arm.Key, .. measures.Select(measure => Difference(PairedDifference.Of(BySeed(arm, measure), BySeed(compared, measure))))]);
    }

    private static Dictionary<int, double> BySeed(IEnumerable<EvidenceResult> arm, string measure) =>
        arm.Where(result => result.Measures.ContainsKey(measure)).ToDictionary(result => result.Seed, result => result.Measures[measure]);

    private static string Spread(double[] values) => values.Length switch
    {
        0 => "",
        1 => Text(values[0], "0.000"),
        _ => $"{Text(values.Average(), "0.000")} ({Text(values.Min(), "0.000")} … {Text(values.Max(), "0.000")})",
    };

    private static string Difference(PairedDifference? difference) => difference switch
    {
        null => "",
        { Seeds: 1 } => $"{Text(difference.Mean, "+0.000;-0.000;0.000")} (one seed)",
        _ => $"{Text(difference.Mean, "+0.000;-0.000;0.000")} ± {Text(difference.HalfWidth, "0.000")}{(difference.IsApart ? " *" : "")}",
    };

    private static void WriteRow(TextWriter writer, IEnumerable<string> cells) => writer.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
