using SkiaSharp;

namespace QuickStart.Pictures;

/// <summary>Draws on a white surface and writes it as PNG.</summary>
internal static class PictureFile
{
    public static void Write(Stream stream, int width, int height, Action<SKCanvas> draw)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            draw(canvas);
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        png.SaveTo(stream);
    }
}
