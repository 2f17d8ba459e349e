namespace VaPi.Study.Shapes;

/// <summary>What a caption says.</summary>
/// <param name="Category">What it asks for.</param>
/// <param name="Subject">The shapes that it names first.</param>
/// <param name="Relation">Where they are, seen from the object; null without one.</param>
/// <param name="Object">The shapes that it names next, of another kind; null where it names no others.</param>
internal sealed record Prompt(PromptCategory Category, Phrase Subject, Relation? Relation = null, Phrase? Object = null)
{
    /// <summary>The phrases, the subject first.</summary>
    public IEnumerable<Phrase> Phrases => Object is null ? [Subject] : [Subject, Object];

    /// <summary>As in <c>a red circle and a blue square</c>.</summary>
    public string Caption => Object is null ? Subject.ToString() : $"{Subject} {Words(Relation ?? Shapes.Relation.And)} {Object}";

    /// <summary>As in <c>left of</c>.</summary>
    public static string Words(Relation relation) => relation switch
    {
        Shapes.Relation.And => "and",
        Shapes.Relation.LeftOf => "left of",
        Shapes.Relation.RightOf => "right of",
        Shapes.Relation.Above => "above",
        Shapes.Relation.Below => "below",
        _ => throw new ArgumentOutOfRangeException(nameof(relation), relation, "There is no such relation."),
    };
}
