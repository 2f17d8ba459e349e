using System.Globalization;

namespace VaPi.Study.Reports;

/// <summary>The last measurement of every arm as a Markdown table, mean over seeds and lowest to highest.</summary>
internal static class Table
{
    public static void Write(TextWriter writer, IReadOnlyList<ResultRow> rows)
    {
        writer.WriteLine("| | seeds | rollouts | reward, clean prefix | reward, noisy prefix | Frechet distance | KL to the start | entropy |");
        writer.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        WriteLine("before", [.. rows.Where(row => row.Rollout == 0).DistinctBy(row => row.Seed)]);
        foreach (IGrouping<(string Factor, string Value), ResultRow> arm in rows.GroupBy(row => (row.Factor, row.Value)))
        {
            int last = arm.Max(row => row.Rollout);
            WriteLine($"{arm.Key.Factor} {arm.Key.Value}".Trim(), [.. arm.Where(row => row.Rollout == last)]);
        }

        void WriteLine(string name, IReadOnlyList<ResultRow> last) => writer.WriteLine(
            $"| {name} | {last.Count} | {last[0].Rollout} | {Text(last, row => row.RewardClean, "F3")} | {Text(last, row => row.RewardNoisy, "F3")} | {Text(last, row => row.Frechet, "F2")} | {Text(last, row => row.KlDivergence, "F3")} | {Text(last, row => row.Entropy, "F2")} |");
    }

    private static string Text(IReadOnlyList<ResultRow> rows, Func<ResultRow, double?> measure, string format)
    {
        List<double> values = [.. rows.Select(measure).OfType<double>()];
        if (values.Count == 0)
            return "";
        string Number(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return values.Count == 1 ? Number(values[0]) : $"{Number(values.Average())} ({Number(values.Min())} … {Number(values.Max())})";
    }
}
