using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SkiaSharp;
using VaPi.Alignment;
using VaPi.Reporting.Tests.Support;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Reporting.Tests;

public class HtmlReportTests
{
    private const string Hostile = "<script>alert('x')</script> & \"quotes\" \u0000\u0008\uD800 π \U0001F600 </style> https://example.org/x.png";

    [Fact]
    public void Whatever_text_is_given_the_page_stays_well_formed_and_shows_it()
    {
        HtmlReport report = HtmlReport.Create(Hostile)
            .WithText(Hostile, Hostile)
            .WithCurve(Hostile, Hostile, Hostile, Curve.Of(Hostile, [1, 2]), Curve.Of(Hostile, [2, 1]))
            .WithImages(Hostile, [new ImageRow(Hostile, [Picture()])], [Hostile], Hostile)
            .WithTable(new ReportTable(Hostile, Hostile, Hostile) { Note = Hostile }.WithRow(Hostile, Hostile))
            .WithOptions(Hostile, [KeyValuePair.Create(Hostile, Hostile)]);

        XElement page = Page.Read(report);

        Assert.Empty(page.All("script"));
        string shown = Hostile.Replace('\u0000', '\uFFFD').Replace('\u0008', '\uFFFD').Replace('\uD800', '\uFFFD');
        Assert.Equal(shown, page.All("h1").Single().Value);
        Assert.Equal(4, page.All("h2").Count(heading => heading.Value == shown));
        Assert.Equal(shown, page.All("summary").Single().Value);
        Assert.Equal($"{shown}, {shown}", page.All("img").Single().Attribute("alt")!.Value);
        Assert.Equal(2, page.All("text").Count(text => text.Value == shown));
    }

    [Fact]
    public void It_asks_for_nothing_outside_itself()
    {
        HtmlReport report = Full();

        XElement page = Page.Read(report);

        Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(), attribute =>
            attribute.Name.LocalName is "src" or "href" or "action" or "data" or "poster" or "srcset" && !attribute.Value.StartsWith("data:image/png;base64,", StringComparison.Ordinal));
        Assert.DoesNotMatch(new Regex(@"url\(|@import|//", RegexOptions.IgnoreCase), page.All("style").Single().Value);
        Assert.DoesNotContain(page.DescendantsAndSelf(), element => element.Name.LocalName is "link" or "script" or "iframe" or "base" or "object");
        Assert.DoesNotMatch(new Regex("https?:", RegexOptions.IgnoreCase), report.ToString());
        Assert.Contains("default-src 'none'", page.All("meta").Single(meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_come_in_the_order_in_which_they_were_added()
    {
        XElement page = Page.Read(HtmlReport.Create("t").WithText("second", "x").WithCurve("first", Curve.Of("c", [1])).WithText("third"));

        Assert.Equal(["second", "first", "third"], page.All("h2").Select(heading => heading.Value));
    }

    [Fact]
    public void A_table_shows_mean_and_spread_and_marks_the_best_of_each_column()
    {
        ReportTable table = new ReportTable("results", "policy", new ReportColumn("reward", Preference.Higher), new ReportColumn("distance", Preference.Lower), "seeds") { Note = "± deviation" }
            .WithRow("before", new ReportValue(-1.3071, 0.0123), 16.88, "0, 1, 2")
            .WithRow("after", new ReportValue(-1.2, 0.02), double.NaN, "0, 1, 2");

        XElement page = Page.Read(HtmlReport.Create("t").WithTable(table));

        List<List<string>> cells = [.. page.All("tbody").Single().Elements("tr").Select(row => row.Elements().Select(cell => cell.Value).ToList())];
        Assert.Equal(["before", "-1.307 ± 0.012", "16.88", "0, 1, 2"], cells[0]);
        Assert.Equal(["after", "-1.200 ± 0.020", "NaN", "0, 1, 2"], cells[1]);
        Assert.Equal(["16.88", "-1.200"], page.All("strong").Select(best => best.Value));
        Assert.Equal("± deviation", page.All("p", "note").Single().Value);
    }

    [Fact]
    public void A_grid_holds_the_pictures_themselves_row_by_row()
    {
        using Tensor before = full([2, 3, 4, 6], -1.0);
        using Tensor after = full([2, 3, 4, 6], 1.0);

        XElement page = Page.Read(HtmlReport.Create("t").WithImages("samples", [new ImageRow("before", before), new ImageRow("after", after)], ["seed 0", "seed 1"]));

        List<XElement> images = [.. page.All("img")];
        Assert.Equal(["before, seed 0", "before, seed 1", "after, seed 0", "after, seed 1"], images.Select(image => image.Attribute("alt")!.Value));
        Assert.Equal([SKColors.Black, SKColors.Black, SKColors.White, SKColors.White], images.Select(FirstPixel));
        Assert.All(images, image => Assert.Equal(("96", "64"), (image.Attribute("width")!.Value, image.Attribute("height")!.Value))); // 16 times as large
    }

    [Fact]
    public void All_options_of_an_alignment_are_listed_with_their_values()
    {
        var options = new AlignmentOptions { GroupSize = 23, ContextNoise = Schedule.Linear(0.5, 0.125, 10), TopP = 0.75 };

        XElement page = Page.Read(HtmlReport.Create("t").WithOptions(options));

        Dictionary<string, string> listed = page.All("table", "settings").Single().Descendants("tr").ToDictionary(row => row.Element("th")!.Value, row => row.Element("td")!.Value);
        Assert.Equal(typeof(AlignmentOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Order(), listed.Keys.Order());
        Assert.Equal("23", listed["GroupSize"]);
        Assert.Equal("0.5 at first, then within 0.125 and 0.5", listed["ContextNoise"]);
        Assert.Equal("1E-06", listed["LearningRate"]);
        Assert.Equal("0.75", listed["TopP"]);
        Assert.Equal("not set", listed["ImagesPerMinibatch"]);
    }

    [Fact]
    public void A_run_is_drawn_without_what_it_did_not_measure()
    {
        XElement page = Page.Read(HtmlReport.Create("t").WithSteps([Steps.Of(1, -1.5), Steps.Of(2, -1.2)]));

        Assert.Equal(
            ["Reward of the samples", "Prior term", "Entropy of the sampled distributions", "Gradient norm before clipping"],
            page.All("h2").Select(heading => heading.Value));
        Assert.Single(page.All("path", "band"));
        Assert.Contains("reward: -1.20 ± 0.25 at 2", page.All("title").Select(title => title.Value));
    }

    [Fact]
    public void The_environment_names_neither_machine_nor_user_nor_path()
    {
        string text = string.Join('\n', Page.Read(HtmlReport.Create("t").WithEnvironment()).All("td").Select(cell => cell.Value));

        Assert.Contains(Environment.Version.ToString(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.CurrentDirectory, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_is_saved_as_it_is_in_place_of_an_older_one()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("report.html");
        HtmlReport.Create("older, and longer than the newer one").WithText("x", "y").Save(path);

        HtmlReport newer = HtmlReport.Create("newer π");
        newer.Save(path);

        Assert.Equal(newer.ToString(), File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Root));
        Assert.Throws<DirectoryNotFoundException>(() => newer.Save(folder.File(Path.Combine("missing", "report.html"))));
    }

    [Fact]
    public void What_does_not_fit_together_is_named()
    {
        HtmlReport report = HtmlReport.Create("t");
        var one = new ImageRow("one", [Picture()]);
        var two = new ImageRow("two", [Picture(), Picture()]);

        Assert.Contains("'rows' has rows of 1, 2 pictures", Assert.Throws<ArgumentException>(() => report.WithImages("rows", [one, two])).Message, StringComparison.Ordinal);
        Assert.Contains("2 names of columns for 1 pictures", Assert.Throws<ArgumentException>(() => report.WithImages("rows", [one], ["a", "b"])).Message, StringComparison.Ordinal);
        Assert.Contains("'row' of the table 'table' has 1 values; it needs 2", Assert.Throws<ArgumentException>(() => new ReportTable("table", "first", "a", "b").WithRow("row", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("'chart' has no curve", Assert.Throws<ArgumentException>(() => report.WithCurve("chart")).Message, StringComparison.Ordinal);
        Assert.Contains("'c' has no point", Assert.Throws<ArgumentException>(() => Curve.Of("c", [])).Message, StringComparison.Ordinal);
        Assert.Contains("runs with 1, 2 values", Assert.Throws<ArgumentException>(() => Curve.OfRuns("c", [[1], [1, 2]])).Message, StringComparison.Ordinal);
    }

    internal static HtmlReport Full()
    {
        using Tensor gradient = linspace(-1, 1, 16 * 16).view(1, 1, 16, 16).expand(2, 3, 16, 16).contiguous();
        return HtmlReport.Create("A run to look at")
            .WithTable(new ReportTable("Before and after", "policy", new ReportColumn("reward", Preference.Higher)) { Note = "± standard deviation over 3 seeds." }
                .WithRow("before", new ReportValue(-1.3, 0.05))
                .WithRow("after", new ReportValue(-1.1, 0.04)))
            .WithCurve("Reward over the run", "rollout", "mean reward", Curve.OfRuns("aligned", [[-1.3, -1.2, -1.1], [-1.4, -1.25, -1.0]]), Curve.Of("control", [-1.3, -1.28, -1.25]))
            .WithImages("Samples with the same seeds", [new ImageRow("before", gradient), new ImageRow("after", gradient)], ["seed 0", "seed 1"])
            .WithOptions(new AlignmentOptions())
            .WithEnvironment();
    }

    private static PngImage Picture()
    {
        using Tensor image = zeros(3, 2, 2);
        return PngImage.Of(image);
    }

    private static SKColor FirstPixel(XElement image)
    {
        using SKBitmap bitmap = SKBitmap.Decode(Convert.FromBase64String(image.Attribute("src")!.Value.Split(',')[1]));
        return bitmap.GetPixel(0, 0);
    }
}
