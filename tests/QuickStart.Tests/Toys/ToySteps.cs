using VaPi.Alignment.Metrics;

namespace QuickStart.Tests.Toys;

/// <summary>Steps of an alignment that never was.</summary>
internal static class ToySteps
{
    public static AlignmentStep Of(long index, double reward) => new()
    {
        Index = index,
        Reward = new RewardStatistics(reward, 1, 1, reward - 2, reward + 2),
        RewardComponents = new Dictionary<string, RewardStatistics>(),
        PolicyLoss = 0,
        PriorLoss = 4.25,
        KlDivergence = null,
        Regularisers = new Dictionary<string, double>(),
        MeanRatio = 1,
        ClippedFraction = 0,
        Entropy = 4.5,
        GradientNorm = 1,
        GradientNorms = [1],
        Minibatches = [],
        ContextNoise = 0,
        LearningRate = 0,
        UnreadableImages = 0,
        Seconds = new PhaseSeconds(0, 0, 0, 0, 0, 0, 0),
        ImagesPerSecond = 12.5,
    };
}
