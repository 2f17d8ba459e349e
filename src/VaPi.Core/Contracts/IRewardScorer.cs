namespace VaPi;

/// <summary>Scores samples of the one image batch it was prepared for.</summary>
public interface IRewardScorer : IDisposable
{
    /// <summary>Scores a chunk of samples.</summary>
    /// <param name="chunk">The samples and the images they belong to. Stays the caller's.</param>
    /// <returns>Belongs to the caller.</returns>
    RewardBatch Score(RewardChunk chunk);
}
