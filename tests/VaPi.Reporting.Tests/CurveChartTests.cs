using System.Globalization;
using System.Xml.Linq;
using VaPi.Reporting.Charts;
using VaPi.Reporting.Tests.Support;
using Xunit;

namespace VaPi.Reporting.Tests;

public class CurveChartTests
{
    [Fact]
    public void A_curve_goes_through_its_values_as_the_axes_say()
    {
        XElement chart = Chart(Curve.Of("c", [10, 20, 15, 40]));

        List<(double X, double Y)> points = Points(chart.All("path", "curve").Single());
        Assert.Equal(4, points.Count);
        foreach (((double x, double y), int index) in points.Select((point, index) => (point, index)))
        {
            Assert.Equal(index + 1, AlongAxis(chart, x, horizontal: true), 0.02);
            Assert.Equal(new[] { 10.0, 20, 15, 40 }[index], AlongAxis(chart, y, horizontal: false), 0.1);
        }
    }

    [Fact]
    public void Values_that_are_missing_leave_gaps()
    {
        XElement chart = Chart(Curve.Of("c", [1, 2, double.NaN, 3, double.PositiveInfinity, 4]));

        string path = chart.All("path", "curve").Single().Attribute("d")!.Value;
        Assert.Equal(3, path.Count(letter => letter == 'M'));
        Assert.Equal(1, path.Count(letter => letter == 'L'));
        Assert.Equal(4, chart.All("circle").Count());
    }

    [Fact]
    public void Without_any_finite_value_it_says_so()
    {
        XElement page = Page.Read(HtmlReport.Create("t").WithCurve("c", Curve.Of("c", [double.NaN])));

        Assert.Empty(page.All("svg"));
        Assert.Equal("There is no finite value to draw.", page.All("p", "note").Single().Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-1e-6)]
    [InlineData(3e9)]
    public void A_constant_and_a_single_point_are_drawn_within_the_picture(double value)
    {
        foreach (Curve curve in new[] { Curve.Of("c", [value, value]), Curve.Of("c", [value]) })
        {
            XElement chart = Chart(curve);
            Assert.All(Points(chart.All("path", "curve").Single()), point => Assert.True(point is { X: >= 64 and <= 844, Y: > 26 and < 276 }, $"{point}"));
            Assert.NotEmpty(chart.All("path", "grid"));
        }
    }

    [Fact]
    public void The_spread_of_runs_is_a_band_of_a_deviation_to_both_sides()
    {
        Curve curve = Curve.OfRuns("c", [[1, 2], [3, 4], [5, 9]]);

        Assert.Equal([new CurvePoint(1, 3, 1, 5), new CurvePoint(2, 5, 5 - Math.Sqrt(13), 5 + Math.Sqrt(13))], curve.Points);
        XElement chart = Chart(curve);
        List<(double X, double Y)> corners = Points(chart.All("path", "band").Single());
        Assert.Equal(new[] { 5, 5 + Math.Sqrt(13), 5 - Math.Sqrt(13), 1 }, corners.Select(corner => Math.Round(AlongAxis(chart, corner.Y, horizontal: false), 6)), (left, right) => Math.Abs(left - right) < 0.05);
    }

    [Fact]
    public void Several_curves_have_a_legend_and_colours_of_their_own()
    {
        Curve[] curves = [.. Enumerable.Range(0, 8).Select(index => Curve.Of($"curve {index}", [index, index + 1.0]))];

        XElement page = Page.Read(HtmlReport.Create("t").WithCurve("c", curves));

        Assert.Equal(curves.Select(curve => curve.Name), page.All("li").Select(item => item.Value));
        List<string> looks = [.. page.All("path", "curve").Where(path => path.Element("title") is not null).Select(path => path.Attribute("class")!.Value)];
        Assert.Equal(8, looks.Distinct().Count());
    }

    [Theory]
    [InlineData(0, 10, 5, "0 2 4 6 8 10")]
    [InlineData(-1.31, -1.09, 5, "-1.30 -1.25 -1.20 -1.15 -1.10")]
    [InlineData(0, 1e-6, 5, "0 2e-7 4e-7 6e-7 8e-7 1e-6")]
    [InlineData(0, 4e6, 4, "0 1e+6 2e+6 3e+6 4e+6")]
    public void Ticks_are_round_numbers(double low, double high, int about, string expected)
    {
        IReadOnlyList<double> ticks = AxisTicks.Between(low, high, about);

        Assert.Equal(expected, string.Join(' ', ticks.Select(tick => AxisTicks.Label(tick, ticks[1] - ticks[0]))));
    }

    private static XElement Chart(Curve curve) => Page.Read(HtmlReport.Create("t").WithCurve("chart", "x", "y", curve)).All("svg").Single();

    private static List<(double X, double Y)> Points(XElement path) =>
    [
        .. path.Attribute("d")!.Value.TrimEnd('Z').Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())
            .Select(pair => (pair[0], pair[1])),
    ];

    // What the labels beside the axis say of a place on it, by the line through the first and the last of them.
    private static double AlongAxis(XElement chart, double place, bool horizontal)
    {
        string coordinate = horizontal ? "x" : "y";
        List<(double Place, double Number)> labels =
        [
            .. chart.All("text")
                .Where(text => double.TryParse(text.Value, CultureInfo.InvariantCulture, out _) && text.Attribute("text-anchor")!.Value == (horizontal ? "middle" : "end"))
                .Select(text => (double.Parse(text.Attribute(coordinate)!.Value, CultureInfo.InvariantCulture) - (horizontal ? 0 : 4), double.Parse(text.Value, CultureInfo.InvariantCulture))),
        ];
        ((double p0, double n0), (double p1, double n1)) = (labels[0], labels[^1]);
        return n0 + (place - p0) / (p1 - p0) * (n1 - n0);
    }
}
