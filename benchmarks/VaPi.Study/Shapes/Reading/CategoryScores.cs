namespace VaPi.Study.Shapes.Reading;

/// <summary>The share of pictures that show what their captions ask for, by category.</summary>
internal sealed class CategoryScores
{
    private readonly Dictionary<PromptCategory, (int Shown, int All)> _counts = [];

    /// <summary>The share of each category that has pictures, 0 to 1.</summary>
    public IReadOnlyDictionary<PromptCategory, double> Shares => _counts.ToDictionary(pair => pair.Key, pair => pair.Value.Shown / (double)pair.Value.All);

    /// <summary>The mean over categories, 0 to 1; NaN without pictures.</summary>
    public double Overall => _counts.Count == 0 ? double.NaN : Shares.Values.Average();

    public void Add(Prompt prompt, IReadOnlyList<SeenShape> seen)
    {
        (int shown, int all) = _counts.GetValueOrDefault(prompt.Category);
        _counts[prompt.Category] = (shown + (SceneVerifier.IsShown(prompt, seen) ? 1 : 0), all + 1);
    }
}
