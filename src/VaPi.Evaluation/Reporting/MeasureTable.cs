using System.Globalization;
using System.Text;

namespace VaPi.Evaluation.Reporting;

/// <summary>Measures one below the other, for people to read.</summary>
public sealed class MeasureTable
{
    /// <summary>A table.</summary>
    /// <param name="title">What was measured, in a line.</param>
    /// <param name="measures">Its lines, each name once.</param>
    /// <exception cref="ArgumentException">Two lines have the same name.</exception>
    public MeasureTable(string title, IEnumerable<Measure> measures)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        ArgumentNullException.ThrowIfNull(measures);
        Title = title;
        Measures = [.. measures];
        if (Measures.GroupBy(measure => measure.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two lines of the table are called '{twice.Key}'; give each a name of its own.", nameof(measures));
    }

    /// <summary>What was measured, in a line.</summary>
    public string Title { get; }

    /// <summary>The lines, in order.</summary>
    public IReadOnlyList<Measure> Measures { get; }

    /// <summary>The value of a line.</summary>
    /// <param name="name">The name of a measure.</param>
    /// <exception cref="KeyNotFoundException">There is no such line; the message names those that there are.</exception>
    public double this[string name] =>
        Measures.FirstOrDefault(measure => measure.Name == name)?.Value
        ?? throw new KeyNotFoundException($"The table has no line '{name}'; it has {string.Join(", ", Measures.Select(measure => $"'{measure.Name}'"))}.");

    /// <summary>The table with its title, in columns.</summary>
    public override string ToString()
    {
        int width = Measures.Select(measure => measure.Name.Length).Append(0).Max();
        var text = new StringBuilder(Title);
        foreach (Measure measure in Measures)
            text.Append('\n').Append(CultureInfo.InvariantCulture, $"  {measure.Name.PadRight(width)}  {Value(measure),12}{Direction(measure)}");
        return text.ToString();
    }

    /// <summary>The table in Markdown, without its title.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("| measure | value | better |\n| --- | --- | --- |\n");
        foreach (Measure measure in Measures)
            text.Append(CultureInfo.InvariantCulture, $"| {measure.Name} | {Value(measure)} | {Better(measure)} |\n");
        return text.ToString();
    }

    private static string Value(Measure measure)
    {
        string number = measure.Value.ToString(Math.Abs(measure.Value) is >= 1000 and < 1e15 ? "F0" : "G5", CultureInfo.InvariantCulture);
        return measure.Unit.Length > 0 ? $"{number} {measure.Unit}" : number;
    }

    private static string Direction(Measure measure) => measure.HigherIsBetter is null ? "" : $"  ({Better(measure)} is better)";

    private static string Better(Measure measure) => measure.HigherIsBetter switch
    {
        true => "higher",
        false => "lower",
        null => "",
    };
}
