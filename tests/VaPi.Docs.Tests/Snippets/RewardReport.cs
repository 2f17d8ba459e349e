using VaPi.Alignment;
using VaPi.Alignment.Metrics;

namespace Documents;

internal static class RewardReport
{
    public static async Task Print(AlignmentTrainer trainer)
    {
        #region reward report
        await foreach (AlignmentStep step in trainer.RunAsync())
        {
            RewardStatistics edges = step.RewardComponents["edges"];
            double say = 0.5 * edges.GroupDeviation / step.Reward.GroupDeviation; // 0.5 is the weight of the edges
            Console.WriteLine($"{step.Index}: edges {edges.Mean:F4} ({edges.Minimum:F3} to {edges.Maximum:F3}), say {say:F2}");
        }
        #endregion
    }
}
