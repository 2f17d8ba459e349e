using static TorchSharp.torch;

namespace VaPi.Study.Shapes.Reading;

/// <summary>
/// Reads the shapes of a picture, drawn, decoded or generated: pixels by hue, connected ones together, and each blot as the
/// shape that it covers best among the ideal ones of its area and centre of mass. What covers none well is not read.
/// </summary>
internal static class SceneReader
{
    // The smallest triangle that is drawn has 112 pixels.
    private const int LeastArea = 80;

    // A circle and a square of the same area and centre have 0.83 in common, so that no blot agrees with two shapes much better.
    private const double LeastAgreement = 0.8;

    // A shape stands on grey: of the picture's pixels two away from it, at most this share is coloured.
    private const double MostColourAround = 0.3;

    private static readonly ShapeKind[] Kinds = Enum.GetValues<ShapeKind>();

    /// <param name="image">(3, H, W) in [-1, 1], possibly beyond, on the CPU. Stays the caller's.</param>
    public static IReadOnlyList<SeenShape> Read(Tensor image)
    {
        using Tensor whole = image.detach().to(ScalarType.Float32).contiguous();
        return Read(whole.data<float>().ToArray(), (int)image.shape[1], (int)image.shape[2]);
    }

    /// <param name="planes">(3, H, W) in [-1, 1], possibly beyond.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    public static IReadOnlyList<SeenShape> Read(ReadOnlySpan<float> planes, int height, int width)
    {
        var map = new ColourMap(planes, height, width);
        return [.. Blot.Find(map).Where(blot => blot.Area >= LeastArea && StandsOnGrey(blot, map)).Select(Recognise).OfType<SeenShape>()];
    }

    private static SeenShape? Recognise(Blot blot)
    {
        double x = blot.Pixels.Average(pixel => pixel.Column + 0.5);
        double y = blot.Pixels.Average(pixel => pixel.Row + 0.5);
        (ShapeKind kind, double agreement) = Kinds.Select(kind => (kind, Agreement(blot, kind, x, y))).MaxBy(pair => pair.Item2);
        return agreement >= LeastAgreement ? new SeenShape(kind, blot.Colour, x, y, blot.Area, agreement) : null;
    }

    // Pixels in the blot and in the ideal shape, over pixels in either.
    private static double Agreement(Blot blot, ShapeKind kind, double x, double y)
    {
        double side = kind switch
        {
            ShapeKind.Circle => Math.Sqrt(4 * blot.Area / Math.PI),
            ShapeKind.Square => Math.Sqrt(blot.Area),
            _ => Math.Sqrt(2 * blot.Area),
        };
        (int both, int ideal) = (0, 0);
        for (int row = (int)(y - side) - 1; row <= y + side; row++)
        {
            for (int column = (int)(x - side) - 1; column <= x + side; column++)
            {
                if (!Covers(kind, (column + 0.5 - x) / side, (row + 0.5 - y) / side))
                    continue;
                ideal++;
                both += blot.Pixels.Contains((row, column)) ? 1 : 0;
            }
        }

        return both / (double)(blot.Area + ideal - both);
    }

    // Whether a shape of side 1, with its centre of mass at (0, 0), has the point in it.
    private static bool Covers(ShapeKind kind, double x, double y) => kind switch
    {
        ShapeKind.Circle => x * x + y * y <= 0.25,
        ShapeKind.Square => Math.Abs(x) <= 0.5 && Math.Abs(y) <= 0.5,
        _ => y <= 1.0 / 3 && Math.Abs(x) <= (y + 2.0 / 3) / 2,
    };

    private static bool StandsOnGrey(Blot blot, ColourMap map)
    {
        var around = new HashSet<(int Row, int Column)>();
        foreach ((int row, int column) in blot.Pixels)
        {
            foreach ((int down, int right) in new[] { (-2, 0), (2, 0), (0, -2), (0, 2) })
            {
                (int Row, int Column) pixel = (row + down, column + right);
                if (!blot.Pixels.Contains(pixel) && map.Has(pixel.Row, pixel.Column))
                    around.Add(pixel);
            }
        }

        return around.Count > 0 && around.Count(pixel => map[pixel.Row, pixel.Column] is not null) <= MostColourAround * around.Count;
    }
}
