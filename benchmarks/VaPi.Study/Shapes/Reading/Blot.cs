namespace VaPi.Study.Shapes.Reading;

/// <summary>Neighbouring pixels of one colour.</summary>
/// <param name="Colour">Their colour.</param>
/// <param name="Pixels">Row and column of each.</param>
internal sealed record Blot(ShapeColour Colour, IReadOnlySet<(int Row, int Column)> Pixels)
{
    private static readonly (int Down, int Right)[] Sides = [(-1, 0), (1, 0), (0, -1), (0, 1)];

    public int Area => Pixels.Count;

    /// <summary>All blots of a picture.</summary>
    public static IEnumerable<Blot> Find(ColourMap map)
    {
        var taken = new bool[map.Height, map.Width];
        for (int row = 0; row < map.Height; row++)
        {
            for (int column = 0; column < map.Width; column++)
            {
                if (map[row, column] is { } colour && !taken[row, column])
                    yield return Grow(map, taken, colour, row, column);
            }
        }
    }

    private static Blot Grow(ColourMap map, bool[,] taken, ShapeColour colour, int row, int column)
    {
        var pixels = new HashSet<(int Row, int Column)>();
        var open = new Stack<(int Row, int Column)>();
        taken[row, column] = true;
        open.Push((row, column));
        while (open.TryPop(out (int Row, int Column) pixel))
        {
            pixels.Add(pixel);
            foreach ((int down, int right) in Sides)
            {
                (int Row, int Column) next = (pixel.Row + down, pixel.Column + right);
                if (map[next.Row, next.Column] == colour && !taken[next.Row, next.Column])
                {
                    taken[next.Row, next.Column] = true;
                    open.Push(next);
                }
            }
        }

        return new Blot(colour, pixels);
    }
}
