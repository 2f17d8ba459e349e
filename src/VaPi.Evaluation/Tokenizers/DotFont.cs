using SkiaSharp;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>
/// Capitals and digits of 5x7 dots, drawn at any size. It is drawn, not taken from the machine, so that a text looks the same
/// everywhere; many servers have no fonts at all.
/// </summary>
internal static class DotFont
{
    /// <summary>The dots of a letter's height.</summary>
    public const int Height = 7;

    /// <summary>The dots of a letter's width.</summary>
    public const int Width = 5;

    /// <summary>The letters that there are.</summary>
    public const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    // Seven rows of a letter, top to bottom, the leftmost dot the highest of five bits.
    private static readonly byte[][] Rows =
    [
        [14, 17, 17, 31, 17, 17, 17], [30, 17, 17, 30, 17, 17, 30], [14, 17, 16, 16, 16, 17, 14], [28, 18, 17, 17, 17, 18, 28],
        [31, 16, 16, 30, 16, 16, 31], [31, 16, 16, 30, 16, 16, 16], [14, 17, 16, 23, 17, 17, 15], [17, 17, 17, 31, 17, 17, 17],
        [14, 4, 4, 4, 4, 4, 14], [7, 2, 2, 2, 2, 18, 12], [17, 18, 20, 24, 20, 18, 17], [16, 16, 16, 16, 16, 16, 31],
        [17, 27, 21, 21, 17, 17, 17], [17, 17, 25, 21, 19, 17, 17], [14, 17, 17, 17, 17, 17, 14], [30, 17, 17, 30, 16, 16, 16],
        [14, 17, 17, 17, 21, 18, 13], [30, 17, 17, 30, 20, 18, 17], [15, 16, 16, 14, 1, 1, 30], [31, 4, 4, 4, 4, 4, 4],
        [17, 17, 17, 17, 17, 17, 14], [17, 17, 17, 17, 17, 10, 4], [17, 17, 17, 21, 21, 21, 10], [17, 17, 10, 4, 10, 17, 17],
        [17, 17, 10, 4, 4, 4, 4], [31, 1, 2, 4, 8, 16, 31], [14, 17, 19, 21, 25, 17, 14], [4, 12, 4, 4, 4, 4, 14],
        [14, 17, 1, 2, 4, 8, 31], [31, 2, 4, 2, 1, 17, 14], [2, 6, 10, 18, 31, 2, 2], [31, 16, 30, 1, 1, 17, 14],
        [6, 8, 16, 30, 17, 17, 14], [31, 1, 2, 4, 8, 8, 8], [14, 17, 17, 14, 17, 17, 14], [14, 17, 17, 15, 1, 2, 12],
    ];

    /// <summary>Draws one letter at each place, white on black, with smooth edges.</summary>
    /// <param name="size">Of the image.</param>
    /// <param name="places">The upper left corners of the letters, in pixels.</param>
    /// <param name="letters">As many indices into <see cref="Letters"/>.</param>
    /// <param name="dot">A dot's side in pixels.</param>
    /// <returns>How much of each pixel is covered, 0 … 1, row by row.</returns>
    public static float[] Draw(ImageSize size, IReadOnlyList<SKPoint> places, IReadOnlyList<int> letters, float dot)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.Black);
        using var path = new SKPath(); // one path for all dots: neighbours leave no seam
        for (int index = 0; index < letters.Count; index++)
            Add(path, Rows[letters[index]], places[index], dot);
        using var paint = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawPath(path, paint);
        canvas.Flush();
        var covered = new float[size.Height * size.Width];
        ReadOnlySpan<byte> pixels = bitmap.GetPixelSpan();
        for (int row = 0; row < size.Height; row++)
        {
            for (int column = 0; column < size.Width; column++)
                covered[row * size.Width + column] = pixels[row * bitmap.RowBytes + column] / 255f;
        }

        return covered;
    }

    private static void Add(SKPath path, byte[] rows, SKPoint place, float dot)
    {
        for (int row = 0; row < Height; row++)
        {
            for (int column = 0; column < Width; column++)
            {
                if ((rows[row] >> (Width - 1 - column) & 1) == 1)
                    path.AddRect(SKRect.Create(place.X + column * dot, place.Y + row * dot, dot, dot));
            }
        }
    }
}
