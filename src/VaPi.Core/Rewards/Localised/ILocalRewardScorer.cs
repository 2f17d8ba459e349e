namespace VaPi.Rewards;

/// <summary>Scores samples of the one image batch it was prepared for, and says where the scores come from.</summary>
public interface ILocalRewardScorer : IDisposable
{
    /// <summary>Scores a chunk of samples.</summary>
    /// <param name="chunk">The samples and the images they belong to. Stays the caller's.</param>
    /// <returns>Belongs to the caller.</returns>
    RewardMaps Score(RewardChunk chunk);
}
