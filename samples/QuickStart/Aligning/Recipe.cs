namespace QuickStart.Aligning;

/// <summary>The sample's hyper-parameters.</summary>
internal sealed record Recipe
{
    public int ImagesPerRollout { get; init; } = 8;

    public int GroupSize { get; init; } = 8;

    public double ContextNoise { get; init; } = 0.25;

    public double PriorWeight { get; init; } = 0.1;

    public double LearningRate { get; init; } = 3e-5;
}
