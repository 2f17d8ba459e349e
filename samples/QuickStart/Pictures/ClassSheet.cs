using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace QuickStart.Pictures;

/// <summary>Small images, enlarged without smoothing: a block for each class, a row for each kind of image.</summary>
internal static class ClassSheet
{
    /// <param name="stream">Gets the PNG.</param>
    /// <param name="title">What the picture shows.</param>
    /// <param name="classes">The name of each class.</param>
    /// <param name="rows">At least one; their images are of one size.</param>
    public static void Write(Stream stream, string title, IReadOnlyList<string> classes, IReadOnlyList<SheetRow> rows)
    {
        int columns = (int)rows[0].Images.shape[0] / classes.Count;
        var layout = new SheetLayout(title, classes, [.. rows.Select(row => row.Caption)], columns, (int)rows[0].Images.shape[2]);
        PictureFile.Write(stream, layout.Width, layout.Height, canvas =>
        {
            for (int line = 0; line < layout.Title.Count; line++)
                Text(canvas, layout.Title[line], SheetLayout.TitlePlace(line), SKColors.Black);
            foreach ((int row, SKPointI place) in layout.CaptionPlaces)
                Text(canvas, rows[row].Caption, place, SKColors.Black);
            for (int label = 0; label < classes.Count; label++)
            {
                for (int line = 0; line < layout.Headings[label].Count; line++)
                    Text(canvas, layout.Headings[label][line], layout.HeadingPlace(label, line), SKColors.DarkBlue);
                for (int row = 0; row < rows.Count; row++)
                {
                    for (int column = 0; column < columns; column++)
                        Draw(canvas, rows[row].Images, label * columns + column, layout.Image(label, row, column));
                }
            }
        });
    }

    private static void Text(SKCanvas canvas, string text, SKPointI place, SKColor colour) =>
        PixelFont.Draw(canvas, text, place.X, place.Y, SheetLayout.Dot, colour);

    private static void Draw(SKCanvas canvas, Tensor images, int index, SKRectI place)
    {
        using SKBitmap bitmap = Bitmap(images, index);
        using SKImage image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    private static SKBitmap Bitmap(Tensor images, int index)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bytes = ((images[index] + 1) * 127.5).round().clamp(0, 255).to(ScalarType.Byte).permute(1, 2, 0).contiguous(); // (H, W, 3)
        (int height, int width) = ((int)bytes.shape[0], (int)bytes.shape[1]);
        byte[] values = bytes.data<byte>().ToArray();
        var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = (y * width + x) * 3;
                bitmap.SetPixel(x, y, new SKColor(values[at], values[at + 1], values[at + 2]));
            }
        }

        return bitmap;
    }
}
