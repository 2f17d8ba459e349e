namespace VaPi.Study.Shapes;

/// <summary>What the named colours look like.</summary>
internal static class Palette
{
    /// <summary>Half of the smallest distance between two hues of the palette, in degrees: no hue is this near to two of them.</summary>
    public const double HueTolerance = 23;

    /// <summary>All colours, in the order of their hues.</summary>
    public static IReadOnlyList<ShapeColour> All { get; } = Enum.GetValues<ShapeColour>();

    public static Rgb Of(ShapeColour colour) => colour switch
    {
        ShapeColour.Red => new(220, 40, 40),
        ShapeColour.Yellow => new(240, 200, 40),
        ShapeColour.Green => new(30, 170, 60),
        ShapeColour.Cyan => new(30, 185, 200),
        ShapeColour.Blue => new(50, 80, 220),
        ShapeColour.Purple => new(160, 40, 200),
        _ => throw new ArgumentOutOfRangeException(nameof(colour), colour, "There is no such colour."),
    };

    /// <summary>The colour whose hue is nearest; null if none is within <see cref="HueTolerance"/>.</summary>
    public static ShapeColour? Nearest(Rgb seen)
    {
        double hue = seen.Hue;
        ShapeColour nearest = All.MinBy(colour => Distance(hue, Of(colour).Hue));
        return Distance(hue, Of(nearest).Hue) <= HueTolerance ? nearest : null;
    }

    /// <summary>The angle between two hues, 0 to 180 degrees.</summary>
    public static double Distance(double hue, double other)
    {
        double difference = Math.Abs(hue - other) % 360;
        return Math.Min(difference, 360 - difference);
    }
}
