namespace VaPi.Conformance;

/// <summary>Whether a part of one's own does what its interface promises, rule by rule, in words.</summary>
public sealed class ConformanceReport
{
    internal ConformanceReport(string subject, IReadOnlyList<ConformanceFinding> findings) => (Subject, Findings) = (subject, findings);

    /// <summary>The type of the part that was looked at.</summary>
    public string Subject { get; }

    /// <summary>The rules in the order in which they were tried. After a broken one that others build on, the rest is missing.</summary>
    public IReadOnlyList<ConformanceFinding> Findings { get; }

    /// <summary>Whether no rule is broken.</summary>
    public bool IsKept => Findings.All(finding => finding.IsKept);

    /// <summary>Does nothing where every rule is kept.</summary>
    /// <exception cref="InvalidOperationException">Rules are broken; the message has them all.</exception>
    public void ThrowIfBroken()
    {
        if (!IsKept)
            throw new InvalidOperationException($"{Subject} breaks its contract: {string.Join(" ", Findings.Where(finding => !finding.IsKept).Select(finding => $"[{finding.Rule}] {finding.Text}"))}");
    }

    /// <summary>A line for the part, and one for each rule.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [$"{Subject}: {(IsKept ? "keeps its contract" : "breaks its contract")}", .. Findings]);
}
