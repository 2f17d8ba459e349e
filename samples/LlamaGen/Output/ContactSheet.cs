using SkiaSharp;

namespace LlamaGen.Output;

/// <summary>Pictures side by side, each with a caption below it.</summary>
internal static class ContactSheet
{
    /// <summary>The most pictures on a sheet; those after them are left out.</summary>
    public const int MostPictures = 64;

    private const int Dot = 2;
    private const int Gap = 8;
    private const int CaptionHeight = (PixelFont.Height + 4) * Dot;

    /// <param name="path">The PNG to write.</param>
    /// <param name="pictures">PNG files of one size, each with its caption; at least one.</param>
    /// <param name="columns">How many stand beside each other; null for about as many as below each other.</param>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(string path, IReadOnlyList<(string File, string Caption)> pictures, int? columns = null)
    {
        List<(string File, string Caption)> shown = [.. pictures.Take(MostPictures)];
        int across = Math.Min(columns ?? (int)Math.Ceiling(Math.Sqrt(shown.Count)), shown.Count);
        int down = (shown.Count + across - 1) / across;
        (int width, int height) = SizeOf(shown[0].File);

        // Captions are cut to the picture's width, so small pictures get cells that hold a few letters.
        int cell = Math.Max(width, PixelFont.Measure("class 1000") * Dot);
        using var sheet = new SKBitmap(Gap + across * (cell + Gap), Gap + down * (height + CaptionHeight + Gap), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(sheet))
        {
            canvas.Clear(SKColors.White);
            for (int index = 0; index < shown.Count; index++)
            {
                (int left, int top) = (Gap + index % across * (cell + Gap), Gap + index / across * (height + CaptionHeight + Gap));
                using SKBitmap picture = Read(shown[index].File);
                canvas.DrawBitmap(picture, left, top);
                PixelFont.Draw(canvas, PixelFont.Wrap(shown[index].Caption, cell / Dot)[0], left, top + height + 4, Dot, SKColors.Black);
            }
        }

        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        WholeFile.Write(path, png.SaveTo);
    }

    private static (int Width, int Height) SizeOf(string file)
    {
        using SKBitmap picture = Read(file);
        return (picture.Width, picture.Height);
    }

    private static SKBitmap Read(string file) => SKBitmap.Decode(file) ?? throw new IOException($"The picture '{file}', written a moment ago, cannot be read.");
}
