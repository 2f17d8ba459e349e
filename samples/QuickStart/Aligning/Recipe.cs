using VaPi.Alignment;

namespace QuickStart.Aligning;

/// <summary>
/// The sample's hyper-parameters. Beside the published ones they suit a policy a ten-thousandth the size, on few and small
/// images: a larger learning rate that falls to zero, more weight on the prior, less noise.
/// </summary>
internal sealed record Recipe
{
    public int ImagesPerRollout { get; init; } = 24;

    public int GroupSize { get; init; } = 8;

    public double ContextNoise { get; init; } = 0.1;

    public double PriorWeight { get; init; } = 1;

    /// <summary>Of the first rollout; falls to zero along half a cosine.</summary>
    public double LearningRate { get; init; } = 7e-4;

    public Schedule Schedule(int rollouts) => VaPi.Alignment.Schedule.Cosine(LearningRate, 0, rollouts);
}
