namespace ApiReference;

/// <summary>What the sources say of a type or member, as Markdown.</summary>
internal sealed record MemberText(
    string Summary, string Remarks, IReadOnlyList<(string Name, string Meaning)> Parameters, string Returns, IReadOnlyList<(string Type, string When)> Exceptions)
{
    /// <summary>The summary up to its first full stop.</summary>
    public string FirstSentence => Summary.Split("\n\n")[0].Split(". ")[0].TrimEnd('.') + ".";
}
