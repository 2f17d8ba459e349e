using System.Globalization;
using QuickStart.Measuring;
using Spectre.Console;

namespace QuickStart.Reporting;

/// <summary>The three policies' measures beside each other, and what they come to.</summary>
internal static class ResultTable
{
    public static Table Of(RunResult result)
    {
        Table table = new Table()
            .AddColumn("policy")
            .AddColumn(new TableColumn("reward, clean prefix\n(higher is better)").RightAligned())
            .AddColumn(new TableColumn("reward, noisy prefix\n(higher is better)").RightAligned())
            .AddColumn(new TableColumn("Frechet distance\n(lower is better)").RightAligned());
        AddRow(table, "before", result.Before, result.Before);
        AddRow(table, "aligned by VA-pi", result.Aligned, result.Before);
        AddRow(table, "control: cross-entropy", result.Control, result.Before);
        return table;
    }

    /// <summary>What to say below the table: what it means, in lines of at most some letters, and where the files are.</summary>
    public static IEnumerable<string> Lines(RunResult result, int width)
    {
        foreach (string line in Wording.Lines(Verdict.Of(result), width))
            yield return line;
        yield return "";
        int longest = result.Files.Max(file => file.What.Length);
        foreach ((string what, string path) in result.Files)
            yield return $"{what.PadRight(longest)}  {path}";
        yield return $"Done in {Wording.Of(result.Time)}.";
    }

    private static void AddRow(Table table, string policy, Measurement measured, Measurement before) => table.AddRow(
        new Text(policy),
        Cell(measured.RewardClean, before.RewardClean, "F3", higherIsBetter: true, changed: measured != before),
        Cell(measured.RewardNoisy, before.RewardNoisy, "F3", higherIsBetter: true, changed: measured != before),
        Cell(measured.Frechet, before.Frechet, "F2", higherIsBetter: false, changed: measured != before));

    private static Paragraph Cell(double value, double before, string format, bool higherIsBetter, bool changed)
    {
        Paragraph cell = new Paragraph().Append(value.ToString(format, CultureInfo.InvariantCulture));
        if (!changed)
            return cell;
        double change = value - before;
        bool better = higherIsBetter ? change > 0 : change < 0;
        string text = change.ToString($"+0.{new string('0', format[1] - '0')};-0.{new string('0', format[1] - '0')}", CultureInfo.InvariantCulture);
        return cell.Append($" ({text})", new Style(change == 0 ? null : better ? Color.Green : Color.Red));
    }
}
