namespace VaPi.Study.Shapes;

/// <summary>The colours of shapes, at least 46 degrees of hue apart.</summary>
internal enum ShapeColour
{
    Red,
    Yellow,
    Green,
    Cyan,
    Blue,
    Purple,
}
