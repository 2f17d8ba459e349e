namespace VaPi.Conformance;

/// <summary>What one rule of a contract came to.</summary>
/// <param name="Rule">The rule in a few words, such as <c>causality</c>.</param>
/// <param name="IsKept">Whether the part keeps it.</param>
/// <param name="Text">What was found; of a broken rule, what is wrong and what to do.</param>
public sealed record ConformanceFinding(string Rule, bool IsKept, string Text)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{(IsKept ? "kept  " : "BROKEN")} {Rule}: {Text}";
}
