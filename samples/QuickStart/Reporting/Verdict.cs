using QuickStart.Measuring;

namespace QuickStart.Reporting;

/// <summary>Says in words what the numbers of a run say, and no more.</summary>
internal static class Verdict
{
    private static readonly (string Name, Func<Measurement, double> Goodness)[] Measures =
    [
        ("the reward under a clean prefix", measured => measured.RewardClean),
        ("the reward under a noisy prefix", measured => measured.RewardNoisy),
        ("the Frechet distance", measured => -measured.Frechet),
    ];

    public static string Of(RunResult result)
    {
        string before = string.Join("; it ", Parts(Compare(result.Before, result.Aligned), "improved", "worsened", "left unchanged"));
        string control = string.Join("; it is ", Parts(Compare(result.Control, result.Aligned), "ahead in", "behind in", "level in"));
        return $"Alignment {before}. Beside the control, which saw as many images, it is {control}. This is one seed: others come out differently (--seed N).";
    }

    private static (List<string> Better, List<string> Worse, List<string> Same) Compare(Measurement from, Measurement to)
    {
        List<string> Where(Func<int, bool> sign) =>
            [.. Measures.Where(measure => sign(measure.Goodness(to).CompareTo(measure.Goodness(from)))).Select(measure => measure.Name)];
        return (Where(sign => sign > 0), Where(sign => sign < 0), Where(sign => sign == 0));
    }

    private static IEnumerable<string> Parts((List<string> Better, List<string> Worse, List<string> Same) found, string better, string worse, string same) =>
        new[] { (Verb: better, Measures: found.Better), (Verb: worse, Measures: found.Worse), (Verb: same, Measures: found.Same) }
            .Where(part => part.Measures.Count > 0)
            .Select(part => $"{part.Verb} {Wording.List(part.Measures)}");
}
