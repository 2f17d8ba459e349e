using SkiaSharp;

namespace VaPi.Samples;

/// <summary>
/// A font of 5x7 dots for captions. A machine without installed fonts is common on servers, and SkiaSharp then draws no text.
/// </summary>
internal static class PixelFont
{
    public const int Height = 7;
    private const int Width = 5;
    private const int Advance = 6;

    // Seven rows of a glyph, top to bottom, the leftmost dot the highest of five bits.
    private static readonly Dictionary<char, byte[]> Glyphs = new()
    {
        ['A'] = [14, 17, 17, 31, 17, 17, 17],
        ['B'] = [30, 17, 17, 30, 17, 17, 30],
        ['C'] = [14, 17, 16, 16, 16, 17, 14],
        ['D'] = [28, 18, 17, 17, 17, 18, 28],
        ['E'] = [31, 16, 16, 30, 16, 16, 31],
        ['F'] = [31, 16, 16, 30, 16, 16, 16],
        ['G'] = [14, 17, 16, 23, 17, 17, 15],
        ['H'] = [17, 17, 17, 31, 17, 17, 17],
        ['I'] = [14, 4, 4, 4, 4, 4, 14],
        ['J'] = [7, 2, 2, 2, 2, 18, 12],
        ['K'] = [17, 18, 20, 24, 20, 18, 17],
        ['L'] = [16, 16, 16, 16, 16, 16, 31],
        ['M'] = [17, 27, 21, 21, 17, 17, 17],
        ['N'] = [17, 17, 25, 21, 19, 17, 17],
        ['O'] = [14, 17, 17, 17, 17, 17, 14],
        ['P'] = [30, 17, 17, 30, 16, 16, 16],
        ['Q'] = [14, 17, 17, 17, 21, 18, 13],
        ['R'] = [30, 17, 17, 30, 20, 18, 17],
        ['S'] = [15, 16, 16, 14, 1, 1, 30],
        ['T'] = [31, 4, 4, 4, 4, 4, 4],
        ['U'] = [17, 17, 17, 17, 17, 17, 14],
        ['V'] = [17, 17, 17, 17, 17, 10, 4],
        ['W'] = [17, 17, 17, 21, 21, 21, 10],
        ['X'] = [17, 17, 10, 4, 10, 17, 17],
        ['Y'] = [17, 17, 10, 4, 4, 4, 4],
        ['Z'] = [31, 1, 2, 4, 8, 16, 31],
        ['Π'] = [0, 0, 31, 10, 10, 10, 10], // drawn as the small letter, which VA-π has
        ['0'] = [14, 17, 19, 21, 25, 17, 14],
        ['1'] = [4, 12, 4, 4, 4, 4, 14],
        ['2'] = [14, 17, 1, 2, 4, 8, 31],
        ['3'] = [31, 2, 4, 2, 1, 17, 14],
        ['4'] = [2, 6, 10, 18, 31, 2, 2],
        ['5'] = [31, 16, 30, 1, 1, 17, 14],
        ['6'] = [6, 8, 16, 30, 17, 17, 14],
        ['7'] = [31, 1, 2, 4, 8, 8, 8],
        ['8'] = [14, 17, 17, 14, 17, 17, 14],
        ['9'] = [14, 17, 17, 15, 1, 2, 12],
        ['.'] = [0, 0, 0, 0, 0, 12, 12],
        [','] = [0, 0, 0, 0, 12, 4, 8],
        [':'] = [0, 12, 12, 0, 12, 12, 0],
        [';'] = [0, 12, 12, 0, 12, 4, 8],
        ['!'] = [4, 4, 4, 4, 4, 0, 4],
        ['?'] = [14, 17, 1, 2, 4, 0, 4],
        ['-'] = [0, 0, 0, 31, 0, 0, 0],
        ['+'] = [0, 4, 4, 31, 4, 4, 0],
        ['/'] = [0, 1, 2, 4, 8, 16, 0],
        ['('] = [2, 4, 8, 8, 8, 4, 2],
        [')'] = [8, 4, 2, 2, 2, 4, 8],
        ['%'] = [24, 25, 2, 4, 8, 19, 3],
        ['_'] = [0, 0, 0, 0, 0, 0, 31],
        ['='] = [0, 0, 31, 0, 31, 0, 0],
        ['\''] = [4, 4, 8, 0, 0, 0, 0],
        ['['] = [14, 8, 8, 8, 8, 8, 14],
        [']'] = [14, 2, 2, 2, 2, 2, 14],
        ['@'] = [14, 17, 23, 21, 23, 16, 14],
        ['~'] = [0, 0, 8, 21, 2, 0, 0],
        ['&'] = [12, 18, 20, 8, 21, 18, 13],
        ['#'] = [10, 10, 31, 10, 31, 10, 10],
        [' '] = [0, 0, 0, 0, 0, 0, 0],
    };

    // For a letter that the font lacks: one sees that there is one.
    private static readonly byte[] Box = [31, 17, 17, 17, 17, 17, 31];

    /// <summary>The width of a text in dots.</summary>
    public static int Measure(string text) => Math.Max(0, text.Length * Advance - 1);

    /// <summary>A text as lines of at most some dots; a word that is wider is broken.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        int letters = Math.Max(1, (width + 1) / Advance);
        var lines = new List<string>();
        foreach (string word in text.Split(' ').SelectMany(word => word.Chunk(letters).DefaultIfEmpty([]).Select(part => new string(part))))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= letters)
                lines[^1] += " " + word;
            else
                lines.Add(word);
        }

        return lines;
    }

    /// <summary>Draws a text; a letter that the font lacks becomes a box.</summary>
    public static void Draw(SKCanvas canvas, string text, float left, float top, int dot, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour, IsAntialias = false };
        foreach (char letter in text.ToUpperInvariant())
        {
            DrawGlyph(canvas, Glyphs.GetValueOrDefault(letter, Box), left, top, dot, paint);
            left += Advance * dot;
        }
    }

    private static void DrawGlyph(SKCanvas canvas, byte[] rows, float left, float top, int dot, SKPaint paint)
    {
        for (int row = 0; row < Height; row++)
        {
            for (int column = 0; column < Width; column++)
            {
                if ((rows[row] >> (Width - 1 - column) & 1) == 1)
                    canvas.DrawRect(left + column * dot, top + row * dot, dot, dot, paint);
            }
        }
    }
}
