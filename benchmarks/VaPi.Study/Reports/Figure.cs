using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;

namespace VaPi.Study.Reports;

/// <summary>Plots side by side, as one picture.</summary>
internal static class Figure
{
    private const int PanelHeight = 270;

    private static readonly string[] FontFiles = ["DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf"];

    private static readonly string[] FontFolders =
    [
        "/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", Environment.GetFolderPath(Environment.SpecialFolder.Fonts),
    ];

    /// <param name="path">The PNG file.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    /// <param name="columns">Plots in a row.</param>
    /// <param name="panels">Row by row.</param>
    public static void Write(string path, int width, int columns, IReadOnlyList<Panel> panels)
    {
        UseSystemFont();
        int rows = (panels.Count + columns - 1) / columns;
        var multiplot = new Multiplot { Layout = new Grid(rows, columns) };
        while (multiplot.Subplots.Count < panels.Count)
            multiplot.Subplots.Add(new Plot());
        for (int index = 0; index < panels.Count; index++)
            panels[index].Draw(multiplot.Subplots.GetPlot(index));

        int height = rows * PanelHeight;
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height));
        surface.Canvas.Clear(SKColors.White);
        multiplot.Render(surface.Canvas, new PixelRect(0, width, height, 0));
        using SKImage image = surface.Snapshot();
        using SKData encoded = image.Encode(SKEncodedImageFormat.Png, 100);
        using FileStream file = File.Create(path);
        encoded.SaveTo(file);
    }

    // SkiaSharp's native library without dependencies finds no fonts of the system by itself.
    private static void UseSystemFont()
    {
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        string font = FontFiles
            .SelectMany(file => FontFolders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, file, everywhere)))
            .FirstOrDefault() ?? throw new FileNotFoundException($"No font to write the plots' text with: none of {string.Join(", ", FontFiles)} is installed. Install the DejaVu fonts.");
        Fonts.AddFontFile("plots", font, bold: false, italic: false);
        Fonts.AddFontFile("plots", font, bold: true, italic: false);
        Fonts.Default = "plots";
    }
}
