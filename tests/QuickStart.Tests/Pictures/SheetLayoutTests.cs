using QuickStart.Pictures;
using SkiaSharp;
using Xunit;

namespace QuickStart.Tests.Pictures;

public class SheetLayoutTests
{
    private const int Columns = 3;
    private const int ImageSize = 32;

    private static readonly string[] Captions = ["real", "reconstruction", "before", "after", "control"];

    [Theory]
    [InlineData(1, "cat")]
    [InlineData(2, "cat")]
    [InlineData(6, "hubble")]
    [InlineData(7, "a class with a name of very many words that does not fit into one line above its images")]
    [InlineData(24, "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft")]
    public void Everything_has_a_place_of_its_own_on_the_sheet(int classes, string name)
    {
        const string Title = "A title that says at some length what all of these rows of images are, and in which order they stand";
        var layout = new SheetLayout(Title, [.. Enumerable.Repeat(name, classes)], Captions, Columns, ImageSize);

        List<SKRectI> places = [.. Images(layout, classes)];
        places.AddRange(layout.Title.Select((line, index) => Text(line, SheetLayout.TitlePlace(index))));
        places.AddRange(layout.CaptionPlaces.Select(caption => Text(Captions[caption.Row], caption.Place)));
        for (int label = 0; label < classes; label++)
            places.AddRange(layout.Headings[label].Select((line, index) => Text(line, layout.HeadingPlace(label, index))));

        var sheet = SKRectI.Create(layout.Width, layout.Height);
        Assert.All(places, place => Assert.True(sheet.Contains(place), $"{place} is not within {sheet}"));
        for (int first = 0; first < places.Count; first++)
        {
            for (int second = first + 1; second < places.Count; second++)
                Assert.False(places[first].IntersectsWith(places[second]), $"{places[first]} and {places[second]} overlap");
        }

        Assert.Equal(name.Replace(" ", "", StringComparison.Ordinal), string.Concat(layout.Headings[0]).Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(Title, string.Join(' ', layout.Title));
    }

    [Fact]
    public void Rows_of_a_class_stand_together_and_pixels_are_large()
    {
        var layout = new SheetLayout("title", ["a", "b", "c", "d", "e", "f"], Captions, Columns, ImageSize);

        Assert.Equal(4 * ImageSize, layout.Side);
        Assert.Equal(layout.Image(0, 0, 0).Left, layout.Image(0, 4, 0).Left);
        Assert.True(layout.Image(0, 0, 2).Right < layout.Image(1, 0, 0).Left);
        Assert.InRange((double)layout.Width / layout.Height, 0.7, 1.5);
    }

    private static IEnumerable<SKRectI> Images(SheetLayout layout, int classes) =>
        from label in Enumerable.Range(0, classes)
        from row in Enumerable.Range(0, Captions.Length)
        from column in Enumerable.Range(0, Columns)
        select layout.Image(label, row, column);

    private static SKRectI Text(string text, SKPointI place) =>
        SKRectI.Create(place.X, place.Y, PixelFont.Measure(text) * SheetLayout.Dot, PixelFont.Height * SheetLayout.Dot);
}
