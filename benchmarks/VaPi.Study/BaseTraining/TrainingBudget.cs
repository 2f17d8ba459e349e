namespace VaPi.Study.BaseTraining;

/// <summary>How long the base networks of a world are trained.</summary>
internal sealed record TrainingBudget
{
    /// <summary>Steps of the feature network.</summary>
    public int FeatureSteps { get; init; } = 1200;

    /// <summary>Steps of the tokenizer.</summary>
    public int TokenizerSteps { get; init; } = 1500;

    /// <summary>No more steps of the policy than this; its world may ask for fewer.</summary>
    public int PolicySteps { get; init; } = int.MaxValue;

    /// <summary>The images of each measurement of the held-out likelihood.</summary>
    public int HeldOutImages { get; init; } = 384;

    /// <summary>A budget that shows that everything works, and no more.</summary>
    public static TrainingBudget Quick { get; } = new() { FeatureSteps = 60, TokenizerSteps = 120, PolicySteps = 80, HeldOutImages = 48 };
}
