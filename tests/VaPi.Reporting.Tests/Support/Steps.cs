using VaPi.Alignment.Metrics;

namespace VaPi.Reporting.Tests.Support;

internal static class Steps
{
    public static AlignmentStep Of(long index, double reward, double? kl = null) => new()
    {
        Index = index,
        Reward = new RewardStatistics(reward, 0.4, 0.25, reward - 1, reward + 1),
        RewardComponents = new Dictionary<string, RewardStatistics> { ["edges"] = new(2 * reward, 0, 0, 0, 0) },
        PolicyLoss = -0.5,
        PriorLoss = 3.25,
        KlDivergence = kl,
        Regularisers = new Dictionary<string, double> { ["prior"] = 3.25 },
        MeanRatio = 1,
        ClippedFraction = 0,
        Entropy = 2,
        GradientNorm = 0.75,
        GradientNorms = [0.75],
        Minibatches = [],
        ContextNoise = 0.5,
        LearningRate = 1e-4,
        UnreadableImages = 0,
        Seconds = new PhaseSeconds(0, 0, 0, 0, 0, 0, 0),
        ImagesPerSecond = 8,
    };
}
