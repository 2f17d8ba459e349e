using System.Globalization;
using System.Text;
using VaPi.Reporting.Html;

namespace VaPi.Reporting.Charts;

/// <summary>Draws curves as SVG; colours come from the page's styles.</summary>
internal static class CurveChart
{
    private const int Width = 860;
    private const int Height = 320;
    private const int Left = 64;
    private const int Right = 16;
    private const int Top = 26;
    private const int Bottom = 44;

    // Points beyond this many would hide their curve.
    private const int MostMarkers = 40;

    /// <param name="title">What it shows, for those who do not see it.</param>
    /// <param name="horizontal">What the horizontal axis is.</param>
    /// <param name="vertical">What the vertical axis is.</param>
    /// <param name="curves">At least one.</param>
    public static string Svg(string title, string horizontal, string vertical, IReadOnlyList<Curve> curves)
    {
        List<double> values = [.. curves.SelectMany(curve => curve.Points).SelectMany(point => new[] { point.Y, point.Low ?? point.Y, point.High ?? point.Y }).Where(double.IsFinite)];
        if (values.Count == 0)
            return "<p class=\"note\">There is no finite value to draw.</p>";
        ChartScale across = ChartScale.Over([.. curves.SelectMany(curve => curve.Points).Select(point => point.X)], 0, Left, Width - Right);
        ChartScale up = ChartScale.Over(values, 0.06, Height - Bottom, Top);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlText.Escape(title)}\">");
        DrawAxes(svg, across, up, horizontal, vertical);
        for (int index = 0; index < curves.Count; index++)
            DrawBand(svg, curves[index], index, across, up);
        for (int index = 0; index < curves.Count; index++)
            DrawCurve(svg, curves[index], index, across, up);
        return svg.Append("</svg>").ToString();
    }

    /// <summary>A list of the curves' names with their colours; nothing for a single curve, which the title names.</summary>
    public static string Legend(IReadOnlyList<Curve> curves) => curves.Count == 1
        ? ""
        : $"<ul class=\"legend\">{string.Concat(curves.Select((curve, index) => $"<li><svg viewBox=\"0 0 22 10\" aria-hidden=\"true\"><path class=\"{CurveClasses(index)}\" d=\"M1 5H21\"/></svg>{HtmlText.Escape(curve.Name)}</li>"))}</ul>";

    private static string CurveClasses(int index) => $"curve s{index % Stylesheet.Colours}{(index / Stylesheet.Colours % 2 == 1 ? " dashed" : "")}";

    private static void DrawAxes(StringBuilder svg, ChartScale across, ChartScale up, string horizontal, string vertical)
    {
        IReadOnlyList<double> rows = AxisTicks.Between(up.Low, up.High, 7);
        foreach (double tick in rows)
        {
            string y = HtmlText.Place(up.Place(tick));
            Line(svg, "grid", Left, y, Width - Right, y);
            Text(svg, "end", Left - 8, HtmlText.Place(up.Place(tick) + 4), AxisTicks.Label(tick, Step(rows, up)));
        }

        IReadOnlyList<double> columns = AxisTicks.Between(across.Low, across.High, 8);
        foreach (double tick in columns)
        {
            string x = HtmlText.Place(across.Place(tick));
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{x} {Height - Bottom}v5\"/>");
            Text(svg, "middle", x, Height - Bottom + 18, AxisTicks.Label(tick, Step(columns, across)));
        }

        Line(svg, "axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        Text(svg, "middle", (Left + Width - Right) / 2, Height - 6, horizontal);
        Text(svg, "start", 4, 14, vertical);
    }

    // Joined anew after each value that is missing.
    private static void DrawCurve(StringBuilder svg, Curve curve, int index, ChartScale across, ChartScale up)
    {
        var path = new StringBuilder();
        bool joined = false;
        foreach (CurvePoint point in curve.Points)
        {
            if (double.IsFinite(point.Y))
                path.Append(CultureInfo.InvariantCulture, $"{(joined ? 'L' : 'M')}{HtmlText.Place(across.Place(point.X))} {HtmlText.Place(up.Place(point.Y))}");
            joined = double.IsFinite(point.Y);
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{CurveClasses(index)}\" d=\"{path}\"><title>{HtmlText.Escape(curve.Name)}</title></path>");
        if (curve.Points.Count > MostMarkers)
            return;
        foreach (CurvePoint point in curve.Points.Where(point => double.IsFinite(point.Y)))
        {
            string value = HtmlText.Escape($"{curve.Name}: {new ReportValue(point.Y, Spread(point))} at {point.X.ToString(CultureInfo.InvariantCulture)}");
            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"f{index % Stylesheet.Colours}\" cx=\"{HtmlText.Place(across.Place(point.X))}\" cy=\"{HtmlText.Place(up.Place(point.Y))}\" r=\"3\"><title>{value}</title></circle>");
        }
    }

    private static void DrawBand(StringBuilder svg, Curve curve, int index, ChartScale across, ChartScale up)
    {
        List<CurvePoint> wide = [.. curve.Points.Where(point => point is { Low: { } low, High: { } high } && double.IsFinite(low) && double.IsFinite(high))];
        if (wide.Count == 0)
            return;
        IEnumerable<string> there = wide.Select(point => $"{HtmlText.Place(across.Place(point.X))} {HtmlText.Place(up.Place(point.High!.Value))}");
        IEnumerable<string> back = wide.AsEnumerable().Reverse().Select(point => $"{HtmlText.Place(across.Place(point.X))} {HtmlText.Place(up.Place(point.Low!.Value))}");
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"band f{index % Stylesheet.Colours}\" d=\"M{string.Join('L', there.Concat(back))}Z\"/>");
    }

    private static double Spread(CurvePoint point) => point is { Low: { } low, High: { } high } ? Math.Abs(high - low) / 2 : double.NaN;

    private static double Step(IReadOnlyList<double> ticks, ChartScale scale) => ticks.Count > 1 ? ticks[1] - ticks[0] : scale.High - scale.Low;

    private static void Line(StringBuilder svg, string kind, object x1, object y1, object x2, object y2) =>
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{kind}\" d=\"M{x1} {y1}L{x2} {y2}\"/>");

    private static void Text(StringBuilder svg, string anchor, object x, object y, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{HtmlText.Escape(text)}</text>");
}
