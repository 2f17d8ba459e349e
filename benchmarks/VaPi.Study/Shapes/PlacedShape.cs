namespace VaPi.Study.Shapes;

/// <summary>A shape in a scene; lengths are in pixels, from the top left corner.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Colour">What its colour is called.</param>
/// <param name="Paint">Its colour in levels, near the palette's.</param>
/// <param name="X">Of its centre of mass.</param>
/// <param name="Y">Of its centre of mass.</param>
/// <param name="Side">Its width and its height.</param>
internal sealed record PlacedShape(ShapeKind Kind, ShapeColour Colour, Rgb Paint, double X, double Y, double Side)
{
    public double Left => X - Side / 2;

    public double Right => X + Side / 2;

    public double Top => Kind == ShapeKind.Triangle ? Y - Side * 2 / 3 : Y - Side / 2;

    public double Bottom => Top + Side;

    /// <summary>Whether the surrounding squares are at least <paramref name="gap"/> pixels apart.</summary>
    public bool IsClearOf(PlacedShape other, double gap) =>
        Left - gap >= other.Right || other.Left - gap >= Right || Top - gap >= other.Bottom || other.Top - gap >= Bottom;
}
