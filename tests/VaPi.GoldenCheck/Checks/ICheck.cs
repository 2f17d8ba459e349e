namespace VaPi.GoldenCheck.Checks;

/// <summary>Recomputes some quantities of a folder.</summary>
internal interface ICheck
{
    /// <summary>What the names of its lines begin with.</summary>
    IReadOnlyList<string> Names { get; }

    bool AppliesTo(GoldenFolder golden);

    void Run(GoldenFolder golden, Report report);
}
