namespace VaPi.Study.Evidence;

/// <summary>
/// The names of what is recorded of every rollout: of an arm's own contexts, so that arms which differ in them can be compared by
/// <see cref="EvidenceMeasures"/> only.
/// </summary>
internal static class EvidenceCourses
{
    public const string Reward = "reward of the samples";
    public const string Prior = "prior term";
    public const string KlDivergence = "KL to the start on the samples";
    public const string Entropy = "entropy of the sampled distributions";
}
