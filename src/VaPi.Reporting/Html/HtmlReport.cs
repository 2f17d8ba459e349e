using System.Text;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Reporting.Charts;
using VaPi.Reporting.Html;

namespace VaPi.Reporting;

/// <summary>
/// A report on a run or a study as one HTML file: no script, no network, every picture within; for light and dark surroundings.
/// What is added appears in that order. Text of any kind may be given; it is escaped.
/// </summary>
public sealed class HtmlReport
{
    // Small pictures are shown larger, by whole factors so that pixels stay square.
    private const int SmallestShownWidth = 96;

    private readonly List<string> _sections = [];
    private readonly string _title;

    private HtmlReport(string title) => _title = title;

    /// <summary>A report without content.</summary>
    /// <param name="title">What it is on.</param>
    public static HtmlReport Create(string title)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        return new HtmlReport(title);
    }

    /// <summary>Adds a section of text.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="paragraphs">Its paragraphs.</param>
    /// <returns>This report.</returns>
    public HtmlReport WithText(string title, params string[] paragraphs)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(paragraphs);
        return Section(title, string.Concat(paragraphs.Select(paragraph => $"<p>{HtmlText.Escape(paragraph)}</p>")));
    }

    /// <summary>Adds a chart with an axis of rollouts.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="curves">At least one.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">There is no curve.</exception>
    public HtmlReport WithCurve(string title, params Curve[] curves) => WithCurve(title, "rollout", "", curves);

    /// <summary>Adds a chart.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="horizontal">What the horizontal axis is, with its unit.</param>
    /// <param name="vertical">What the vertical axis is, with its unit.</param>
    /// <param name="curves">At least one.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">There is no curve.</exception>
    public HtmlReport WithCurve(string title, string horizontal, string vertical, params Curve[] curves)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(horizontal);
        ArgumentNullException.ThrowIfNull(vertical);
        ArgumentNullException.ThrowIfNull(curves);
        if (curves.Length == 0)
            throw new ArgumentException($"The chart '{title}' has no curve; give at least one.", nameof(curves));
        return Section(title, $"<figure>{CurveChart.Legend(curves)}{CurveChart.Svg(title, horizontal, vertical, curves)}</figure>");
    }

    /// <summary>Adds the curves of an alignment run: reward, prior term, entropy, divergence from the start, gradient norm.</summary>
    /// <param name="steps">What the run yielded, in order; at least one.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">There is no step.</exception>
    public HtmlReport WithSteps(IReadOnlyList<AlignmentStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Count == 0)
            throw new ArgumentException("There is no step; a run that made none has no curves.", nameof(steps));
        WithCurve(
            "Reward of the samples",
            "rollout",
            "mean, and the deviation within a group",
            new Curve("reward", steps.Select(step => new CurvePoint(step.Index, step.Reward.Mean, step.Reward.Mean - step.Reward.GroupDeviation, step.Reward.Mean + step.Reward.GroupDeviation))));
        WithStepCurve("Prior term", "nats a token", steps, step => step.PriorLoss);
        WithStepCurve("Entropy of the sampled distributions", "nats a token", steps, step => step.Entropy);
        WithStepCurve("Divergence from the starting policy", "nats a token", steps, step => step.KlDivergence);
        WithStepCurve("Held-out measure of early stopping", "", steps, step => step.HeldOut);
        return WithStepCurve("Gradient norm before clipping", "mean over updates", steps, step => step.GradientNorm);
    }

    /// <summary>Adds a grid of pictures, such as samples before and after with the same seeds: a row for each policy.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="rows">At least one, each with as many pictures as the others.</param>
    /// <param name="columns">What the columns are, such as the seeds; null for nothing.</param>
    /// <param name="note">What stands below; null for nothing.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">The rows have different numbers of pictures, or the columns another.</exception>
    public HtmlReport WithImages(string title, IReadOnlyList<ImageRow> rows, IReadOnlyList<string>? columns = null, string? note = null)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.Any(row => row.Images.Count != rows[0].Images.Count))
            throw new ArgumentException($"The grid '{title}' has rows of {string.Join(", ", rows.Select(row => row.Images.Count))} pictures; it needs at least one row, all of one length.", nameof(rows));
        if (columns is not null && columns.Count != rows[0].Images.Count)
            throw new ArgumentException($"The grid '{title}' has {columns.Count} names of columns for {rows[0].Images.Count} pictures a row.", nameof(columns));

        var grid = new StringBuilder("<figure><div class=\"wide\"><table class=\"pictures\">");
        if (columns is not null)
            grid.Append($"<thead><tr><td></td>{string.Concat(columns.Select(column => $"<th>{HtmlText.Escape(column)}</th>"))}</tr></thead>");
        grid.Append("<tbody>");
        foreach (ImageRow row in rows)
        {
            grid.Append($"<tr><th>{HtmlText.Escape(row.Caption)}</th>");
            for (int column = 0; column < row.Images.Count; column++)
                grid.Append($"<td>{Picture(row.Images[column], $"{row.Caption}, {columns?[column] ?? $"picture {column + 1}"}")}</td>");
            grid.Append("</tr>");
        }

        grid.Append("</tbody></table></div>");
        if (note is not null)
            grid.Append($"<figcaption>{HtmlText.Escape(note)}</figcaption>");
        return Section(title, grid.Append("</figure>").ToString());
    }

    /// <summary>Adds a table. The best value of a column with a preference is bold.</summary>
    /// <param name="table">Taken as it is now.</param>
    /// <returns>This report.</returns>
    public HtmlReport WithTable(ReportTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var text = new StringBuilder("<div class=\"wide\"><table class=\"numbers\"><thead><tr>");
        text.Append($"<th>{HtmlText.Escape(table.First)}</th>");
        foreach (ReportColumn column in table.Columns)
            text.Append($"<th>{HtmlText.Escape(column.Name)}{Hint(column.Preference)}</th>");
        text.Append("</tr></thead><tbody>");
        for (int row = 0; row < table.Rows.Count; row++)
        {
            text.Append($"<tr><th>{HtmlText.Escape(table.Rows[row].Name)}</th>");
            for (int column = 0; column < table.Columns.Count; column++)
                text.Append($"<td>{Cell(table.Rows[row].Values[column], table.IsBest(row, column))}</td>");
            text.Append("</tr>");
        }

        text.Append("</tbody></table></div>");
        if (table.Note is not null)
            text.Append($"<p class=\"note\">{HtmlText.Escape(table.Note)}</p>");
        return Section(table.Title, text.ToString());
    }

    /// <summary>Adds the options of an alignment run, all of them.</summary>
    /// <param name="options">Taken as they are now.</param>
    /// <returns>This report.</returns>
    public HtmlReport WithOptions(AlignmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return WithOptions("Options of the alignment", SettingsText.Of(options));
    }

    /// <summary>Adds settings by name.</summary>
    /// <param name="title">What they are of.</param>
    /// <param name="settings">Names and values.</param>
    /// <returns>This report.</returns>
    public HtmlReport WithOptions(string title, IEnumerable<KeyValuePair<string, string>> settings)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(settings);
        var text = new StringBuilder($"<section><details open=\"open\"><summary>{HtmlText.Escape(title)}</summary><table class=\"settings\"><tbody>");
        foreach ((string name, string value) in settings)
            text.Append($"<tr><th>{HtmlText.Escape(name)}</th><td>{HtmlText.Escape(value)}</td></tr>");
        _sections.Add(text.Append("</tbody></table></details></section>").ToString());
        return this;
    }

    /// <summary>
    /// Adds what it ran on: the time, operating system, processor cores, versions of .NET, VaPi, TorchSharp and libtorch. No name of
    /// a machine or user and no path.
    /// </summary>
    /// <returns>This report.</returns>
    public HtmlReport WithEnvironment() => WithOptions("Environment", EnvironmentText.Now());

    /// <summary>The report as HTML, which is well-formed XML too.</summary>
    public override string ToString()
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>");

        // Whatever was given as text, the page asks for nothing and runs nothing.
        page.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"/>");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        page.Append($"<title>{HtmlText.Escape(_title)}</title><style>{Stylesheet.Text}</style></head>\n<body><main><h1>{HtmlText.Escape(_title)}</h1>\n");
        foreach (string section in _sections)
            page.Append(section).Append('\n');
        return page.Append("</main></body></html>\n").ToString();
    }

    /// <summary>Writes the report under another name and renames it: there is all of it, or none.</summary>
    /// <param name="path">The file to write or replace, in a folder that exists.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = File.Create(temporary))
                Write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // gone already where all went well
        }
    }

    /// <summary>Writes the report.</summary>
    /// <param name="stream">Gets it in UTF-8. Stays the caller's.</param>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encoding.UTF8.GetBytes(ToString()));
    }

    private static string Picture(PngImage image, string description)
    {
        int factor = Math.Max(1, (SmallestShownWidth + image.Width - 1) / image.Width);
        return $"<img width=\"{image.Width * factor}\" height=\"{image.Height * factor}\" alt=\"{HtmlText.Escape(description)}\" src=\"data:image/png;base64,{Convert.ToBase64String(image.Content.Span)}\"/>";
    }

    private static string Hint(Preference preference) => preference switch
    {
        Preference.Higher => " <span class=\"hint\">higher is better</span>",
        Preference.Lower => " <span class=\"hint\">lower is better</span>",
        _ => "",
    };

    private static string Cell(ReportValue value, bool isBest)
    {
        string[] parts = value.ToString().Split(" ± ", 2);
        string mean = HtmlText.Escape(value.Word ?? parts[0]);
        string shown = isBest ? $"<strong>{mean}</strong>" : mean;
        return value.Spread is null ? shown : $"{shown} <span class=\"spread\">± {parts[1]}</span>";
    }

    // Drawn where any step has it; gaps where some have not.
    private HtmlReport WithStepCurve(string title, string vertical, IReadOnlyList<AlignmentStep> steps, Func<AlignmentStep, double?> value) =>
        steps.Any(step => value(step) is not null)
            ? WithCurve(title, "rollout", vertical, new Curve(title, steps.Where(step => value(step) is not null).Select(step => new CurvePoint(step.Index, value(step)!.Value))))
            : this;

    private HtmlReport Section(string title, string content)
    {
        _sections.Add($"<section><h2>{HtmlText.Escape(title)}</h2>{content}</section>");
        return this;
    }
}
