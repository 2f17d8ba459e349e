namespace VaPi.Study.Evidence;

/// <summary>The order of a study's runs.</summary>
internal static class EvidencePlan
{
    /// <summary>
    /// All arms with the first seed, then all with the next, so that a study that is stopped has compared everything it has
    /// begun; within that, as many as there are processes apart.
    /// </summary>
    /// <param name="arms">The most telling first.</param>
    /// <param name="seeds">In order.</param>
    /// <param name="part">Which process this is, 1 … <paramref name="parts"/>.</param>
    /// <param name="parts">The processes that share the study. An arm always goes to the same. What two of them both lack, as a rate that one arm borrows of another, they may both make.</param>
    public static IEnumerable<(EvidenceArm Arm, int Seed)> Runs(IReadOnlyList<EvidenceArm> arms, IReadOnlyList<int> seeds, int part = 1, int parts = 1) =>
        seeds.SelectMany(seed => arms.Where((_, index) => index % parts == part - 1).Select(arm => (arm, seed)));
}
