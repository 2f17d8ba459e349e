using ScottPlot;

namespace VaPi.Study.Reports;

/// <summary>One of the plots of a figure.</summary>
/// <param name="Title">Over it.</param>
/// <param name="HorizontalLabel">Under it.</param>
/// <param name="Curves">What it shows.</param>
internal sealed record Panel(string Title, string HorizontalLabel, IReadOnlyList<Curve> Curves)
{
    /// <summary>What stands at 0, 1, 2, … of the horizontal axis in place of numbers; null for numbers.</summary>
    public IReadOnlyList<string>? Places { get; init; }

    /// <summary>The names of curves in the order of their colours, for panels side by side; the first colour for names that are not there.</summary>
    public IList<string> Colours { get; init; } = [];

    public bool HasLegend { get; init; }

    /// <summary>Nothing but the names of <see cref="Colours"/>, for panels that have no room for them.</summary>
    public bool IsLegendAlone { get; private init; }

    /// <summary>The vertical axis starts at zero, so that heights compare.</summary>
    public bool FromZero { get; init; }

    public ScottPlot.Alignment LegendCorner { get; init; } = ScottPlot.Alignment.LowerRight;

    /// <summary>The legend of the panels beside it.</summary>
    public static Panel LegendOf(IList<string> names) => new("", "", []) { Colours = names, IsLegendAlone = true };

    public void Draw(Plot plot)
    {
        if (IsLegendAlone)
        {
            DrawLegend(plot);
            return;
        }

        foreach (Curve curve in Curves)
        {
            Color color = plot.Add.Palette.GetColor(Colours.IndexOf(curve.Name) is var index and >= 0 ? index : 0);
            var line = plot.Add.Scatter(curve.Points.Select(point => point.X).ToArray(), curve.Points.Select(point => point.Mean).ToArray(), color);
            line.LegendText = curve.Name;
            line.LineWidth = 2;
            foreach ((double x, _, double lowest, double highest) in curve.Points)
                plot.Add.Line(x, lowest, x, highest).LineColor = color.WithAlpha(0.5);
        }

        plot.Title(Title, size: 15);
        plot.XLabel(HorizontalLabel, size: 13);
        if (Places is not null)
            plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, Places.Count).Select(place => (double)place)], [.. Places]);
        if (HasLegend)
            plot.ShowLegend(LegendCorner);
        else
            plot.HideLegend();
        if (FromZero)
        {
            plot.Axes.AutoScale();
            plot.Axes.SetLimitsY(0, plot.Axes.GetLimits().Top);
        }
    }

    private void DrawLegend(Plot plot)
    {
        plot.HideAxesAndGrid();
        for (int index = 0; index < Colours.Count; index++)
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = Colours[index], LineColor = plot.Add.Palette.GetColor(index), LineWidth = 2 });
        plot.ShowLegend(ScottPlot.Alignment.MiddleLeft);
    }
}
