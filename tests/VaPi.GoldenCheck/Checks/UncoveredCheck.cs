namespace VaPi.GoldenCheck.Checks;

/// <summary>Says what a folder holds that the library does not compute yet.</summary>
internal sealed class UncoveredCheck : ICheck
{
    private static readonly (string File, string[] Names)[] Uncovered =
    [
        ("ste.safetensors", ["ste.selected", "ste.losses", "ste.logits_grad"]),
    ];

    public IReadOnlyList<string> Names => ["ste"];

    public bool AppliesTo(GoldenFolder golden) => Uncovered.Any(entry => golden.Has(entry.File));

    public void Run(GoldenFolder golden, Report report)
    {
        foreach (string name in Uncovered.Where(entry => golden.Has(entry.File)).SelectMany(entry => entry.Names))
            report.NotCovered(name);
    }
}
