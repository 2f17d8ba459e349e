namespace VaPi.Study.Evidence;

/// <summary>The settings of a run that an arm may change.</summary>
internal sealed record EvidenceRecipe
{
    public int ImagesPerRollout { get; init; } = 8;

    public int GroupSize { get; init; } = 8;

    public double ContextNoise { get; init; } = 0.1;

    public double PriorWeight { get; init; } = 0.1;

    public double KlWeight { get; init; }

    public double LearningRate { get; init; } = 3e-5;
}
