namespace VaPi.Study.Shapes;

/// <summary>Everything that a picture shows.</summary>
/// <param name="Prompt">What its caption says; there is nothing in it that the caption does not name.</param>
/// <param name="Background">A grey level, 0 to 255.</param>
/// <param name="Shapes">None touches another.</param>
internal sealed record Scene(Prompt Prompt, byte Background, IReadOnlyList<PlacedShape> Shapes)
{
    /// <summary>Width and height of every picture, in pixels.</summary>
    public const int Side = 64;
}
