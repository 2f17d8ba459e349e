using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace QuickStart.Pictures;

/// <summary>Rows of small images, enlarged without smoothing, each row with a caption and each column with a class.</summary>
internal static class ImageRows
{
    private const int Enlargement = 3;
    private const int Gap = 4;
    private const int Margin = 12;
    private const int Dot = 2;

    /// <param name="path">The PNG to write.</param>
    /// <param name="title">What the picture shows.</param>
    /// <param name="columns">The name above each column.</param>
    /// <param name="rows">A caption and (N, 3, H, W) images in [-1, 1], as many as columns, for each row.</param>
    public static void Write(string path, string title, IReadOnlyList<string> columns, IReadOnlyList<(string Caption, Tensor Images)> rows)
    {
        int side = (int)rows[0].Images.shape[2] * Enlargement;
        int captionWidth = rows.Max(row => PixelFont.Measure(row.Caption)) * Dot + 2 * Gap;
        int lineHeight = PixelFont.Height * Dot + 2 * Gap;
        int top = Margin + 2 * lineHeight;
        int width = Math.Max(Margin + captionWidth + columns.Count * (side + Gap) + Margin, 2 * Margin + PixelFont.Measure(title) * Dot);
        int height = top + rows.Count * (side + Gap) + Margin;
        PictureFile.Write(path, width, height, canvas =>
        {
            PixelFont.Draw(canvas, title, Margin, Margin, Dot, SKColors.Black);
            for (int column = 0; column < columns.Count; column++)
            {
                bool first = column == 0 || columns[column] != columns[column - 1];
                if (first)
                    PixelFont.Draw(canvas, columns[column], Margin + captionWidth + column * (side + Gap), Margin + lineHeight, Dot, SKColors.DimGray);
            }

            for (int row = 0; row < rows.Count; row++)
            {
                int rowTop = top + row * (side + Gap);
                PixelFont.Draw(canvas, rows[row].Caption, Margin, rowTop + (side - PixelFont.Height * Dot) / 2f, Dot, SKColors.Black);
                for (int column = 0; column < columns.Count; column++)
                {
                    using SKBitmap image = Bitmap(rows[row].Images, column);
                    int left = Margin + captionWidth + column * (side + Gap);
                    using SKImage drawn = SKImage.FromBitmap(image);
                    canvas.DrawImage(drawn, SKRect.Create(left, rowTop, side, side), new SKSamplingOptions(SKFilterMode.Nearest));
                }
            }
        });
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
