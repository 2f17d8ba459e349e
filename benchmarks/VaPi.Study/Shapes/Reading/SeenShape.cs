namespace VaPi.Study.Shapes.Reading;

/// <summary>A shape that was read from a picture.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Colour">What its colour is called.</param>
/// <param name="X">Of its centre of mass, in pixels from the left edge.</param>
/// <param name="Y">Of its centre of mass, in pixels from the top edge.</param>
/// <param name="Area">In pixels.</param>
/// <param name="Agreement">How well it agrees with the ideal shape of its area: pixels in both over pixels in either, to 1.</param>
internal sealed record SeenShape(ShapeKind Kind, ShapeColour Colour, double X, double Y, int Area, double Agreement);
