using SkiaSharp;
using VaPi.Reporting.Html;
using VaPi.Reporting.Tests.Support;
using Xunit;

namespace VaPi.Reporting.Tests;

public class StylesheetTests
{
    public static TheoryData<bool> Grounds => [true, false];

    [Theory]
    [MemberData(nameof(Grounds))]
    public void Text_and_curves_stand_out_from_their_ground(bool light)
    {
        Dictionary<string, SKColor> colours = Colours(light);
        foreach (string ground in new[] { "page", "card" })
        {
            Assert.All(["ink", "muted"], text => Assert.True(Pixels.Contrast(colours[text], colours[ground]) >= 4.5, $"{text} on {ground}"));
            Assert.All(Enumerable.Range(0, Stylesheet.Colours), index => Assert.True(Pixels.Contrast(colours[$"c{index}"], colours[ground]) >= 3, $"c{index} on {ground}"));
        }
    }

    [Theory]
    [MemberData(nameof(Grounds))]
    public void The_ground_is_light_in_light_and_dark_in_dark_surroundings(bool light) =>
        Assert.Equal(light, Pixels.Luminance(Colours(light)["card"]) > 0.5);

    [Fact]
    public void Both_grounds_name_the_same_colours_and_the_rules_use_no_other()
    {
        Assert.Equal(Stylesheet.Light.Select(named => named.Name), Stylesheet.Dark.Select(named => named.Name));
        IEnumerable<string> used = Stylesheet.Text.Split("var(--").Skip(1).Select(rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)]).Distinct();
        Assert.Equal(Stylesheet.Light.Select(named => named.Name).Order(), used.Order());
    }

    private static Dictionary<string, SKColor> Colours(bool light) =>
        (light ? Stylesheet.Light : Stylesheet.Dark).ToDictionary(named => named.Name, named => SKColor.Parse(named.Colour));
}
