using SkiaSharp;
using VaPi.Reporting.Html;
using VaPi.Reporting.Tests.Support;
using VaPi.Tests.Checkpoints.Support;
using Xunit;

namespace VaPi.Reporting.Tests;

/// <summary>A report as people see it.</summary>
public class ScreenshotTests
{
    [ChromiumFact]
    public void A_report_reads_well_in_light_surroundings() => Look(dark: false, Stylesheet.Light);

    [ChromiumFact]
    public void A_report_reads_well_in_dark_surroundings() => Look(dark: true, Stylesheet.Dark);

    private static void Look(bool dark, IReadOnlyList<(string Name, string Colour)> styles)
    {
        using var folder = new TemporaryFolder();
        string page = folder.File("report.html");
        HtmlReportTests.Full().Save(page);

        using SKBitmap picture = Chromium.Screenshot(page, dark, folder.Root);

        Dictionary<string, SKColor> colours = styles.ToDictionary(named => named.Name, named => SKColor.Parse(named.Colour));
        Dictionary<SKColor, int> seen = picture.Pixels.GroupBy(pixel => pixel).ToDictionary(same => same.Key, same => same.Count());
        int Seen(string name) => seen.GetValueOrDefault(colours[name]);

        // The grounds fill most of it; text, curves and the grey pictures are there.
        Assert.True(Seen("page") > 0.1 * picture.Width * picture.Height, $"page: {Seen("page")}");
        Assert.True(Seen("card") > 0.3 * picture.Width * picture.Height, $"card: {Seen("card")}");
        Assert.True(Seen("c0") > 300 && Seen("c1") > 300, $"curves: {Seen("c0")}, {Seen("c1")}");
        Assert.True(seen.Keys.Count(pixel => pixel.Red == pixel.Green && pixel.Green == pixel.Blue) > 100, "the pictures' shades of grey");

        // The title stands out: its darkest and lightest pixels have the contrast that text needs, and many have it.
        List<SKColor> title = [.. Enumerable.Range(20, 60).SelectMany(y => Enumerable.Range(20, 400).Select(x => picture.GetPixel(x, y)))];
        int readable = title.Count(pixel => Pixels.Contrast(pixel, colours["page"]) >= 4.5);
        Assert.True(readable > 300 && readable < title.Count / 2, $"{readable} of {title.Count} pixels of the title stand out");
    }
}
