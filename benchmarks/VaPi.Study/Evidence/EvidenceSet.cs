namespace VaPi.Study.Evidence;

/// <summary>The results of one world, by arm and seed.</summary>
internal sealed class EvidenceSet(string world, IEnumerable<EvidenceResult> results)
{
    private readonly List<IGrouping<string, EvidenceResult>> _arms = [.. results.Where(result => result.World == world).GroupBy(result => result.Arm)];

    public string World => world;

    /// <summary>The arms that have results, in the study's order.</summary>
    public IEnumerable<string> Arms => _arms.Select(arm => arm.Key);

    /// <summary>All that was measured of any arm.</summary>
    public IEnumerable<string> Measures => _arms.SelectMany(arm => arm).SelectMany(result => result.Measures.Keys).Distinct();

    /// <summary>An arm's results, one a seed; none if it has not been run.</summary>
    public IReadOnlyList<EvidenceResult> Of(string arm) => [.. _arms.Where(group => group.Key == arm).SelectMany(group => group)];

    /// <summary>A measure of an arm by seed; without the seeds that lack it.</summary>
    public IReadOnlyDictionary<int, double> BySeed(string arm, string measure) =>
        Of(arm).Where(result => result.Measures.ContainsKey(measure)).ToDictionary(result => result.Seed, result => result.Measures[measure]);

    /// <summary>A measure of an arm less that of another, paired by seed; null if they share no seed.</summary>
    public PairedDifference? Difference(string arm, string other, string measure) => PairedDifference.Of(BySeed(arm, measure), BySeed(other, measure));
}
