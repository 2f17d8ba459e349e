namespace VaPi.Study.Shapes.Reading;

/// <summary>The named colour of each pixel of a picture.</summary>
internal sealed class ColourMap
{
    // About half the chroma of the palette's faintest colour: where a smooth edge has half of the shape's colour.
    private const double LeastChroma = 64;

    private readonly ShapeColour?[] _colours;

    /// <param name="planes">(3, H, W) in [-1, 1], possibly beyond.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    public ColourMap(ReadOnlySpan<float> planes, int height, int width)
    {
        (Height, Width) = (height, width);
        _colours = new ShapeColour?[height * width];
        for (int pixel = 0; pixel < _colours.Length; pixel++)
        {
            var seen = new Rgb(Level(planes[pixel]), Level(planes[_colours.Length + pixel]), Level(planes[2 * _colours.Length + pixel]));
            _colours[pixel] = seen.Chroma >= LeastChroma ? Palette.Nearest(seen) : null;
        }
    }

    public int Height { get; }

    public int Width { get; }

    /// <summary>Null for grey, for a hue between the named ones, and outside the picture.</summary>
    public ShapeColour? this[int row, int column] =>
        Has(row, column) ? _colours[row * Width + column] : null;

    /// <summary>Whether the place is in the picture.</summary>
    public bool Has(int row, int column) => (uint)row < (uint)Height && (uint)column < (uint)Width;

    // A decoded picture may go beyond [-1, 1]; NaN counts as black.
    private static double Level(float value) => float.IsNaN(value) ? 0 : Math.Clamp((value + 1) * 127.5, 0, 255);
}
