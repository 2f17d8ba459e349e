namespace VaPi.Study.Shapes.Reading;

/// <summary>Says whether a picture shows what a caption asks for.</summary>
internal static class SceneVerifier
{
    /// <returns>Whether there are exactly the shapes that the caption names, as it says that they are.</returns>
    public static bool IsShown(Prompt prompt, IReadOnlyList<SeenShape> seen)
    {
        if (seen.Count != prompt.Phrases.Sum(phrase => phrase.Count) || prompt.Phrases.Any(phrase => seen.Count(shape => Fits(phrase, shape)) != phrase.Count))
            return false;
        return prompt.Object is null
            || IsSo(prompt.Relation ?? Relation.And, seen.First(shape => Fits(prompt.Subject, shape)), seen.First(shape => Fits(prompt.Object, shape)));
    }

    private static bool Fits(Phrase phrase, SeenShape shape) => shape.Kind == phrase.Kind && (phrase.Colour is null || shape.Colour == phrase.Colour);

    // Farther along the relation's axis than across it.
    private static bool IsSo(Relation relation, SeenShape subject, SeenShape other)
    {
        (double right, double down) = (other.X - subject.X, other.Y - subject.Y);
        return relation switch
        {
            Relation.LeftOf => right > Math.Abs(down),
            Relation.RightOf => -right > Math.Abs(down),
            Relation.Above => down > Math.Abs(right),
            Relation.Below => -down > Math.Abs(right),
            _ => true,
        };
    }
}
