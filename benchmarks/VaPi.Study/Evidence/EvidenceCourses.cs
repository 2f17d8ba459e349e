namespace VaPi.Study.Evidence;

/// <summary>The names of what is recorded of every rollout, beside some of <see cref="EvidenceMeasures"/>.</summary>
internal static class EvidenceCourses
{
    public const string Reward = "reward of the samples";
    public const string Prior = "prior term";
}
