namespace VaPi.Study.Shapes;

/// <summary>A part of a caption that names shapes.</summary>
/// <param name="Count">How many; 1 to 4.</param>
/// <param name="Colour">Of all of them; null where the caption leaves it open.</param>
/// <param name="Kind">What they are.</param>
internal sealed record Phrase(int Count, ShapeColour? Colour, ShapeKind Kind)
{
    private static readonly string[] Counts = ["a", "two", "three", "four"];

    /// <summary>As in <c>two red circles</c>.</summary>
    public override string ToString()
    {
        string colour = Colour is null ? "" : Colour.Value.ToString().ToLowerInvariant() + " ";
        return $"{Counts[Count - 1]} {colour}{Kind.ToString().ToLowerInvariant()}{(Count == 1 ? "" : "s")}";
    }
}
