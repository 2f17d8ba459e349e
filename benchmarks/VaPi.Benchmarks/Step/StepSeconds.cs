namespace VaPi.Benchmarks.Step;

/// <summary>The seconds of one rollout and its update, phase by phase.</summary>
/// <param name="Encode">Images to true tokens.</param>
/// <param name="Sample">The sampling forward and the draws.</param>
/// <param name="Score">Decoding and the reward.</param>
/// <param name="Reference">The frozen policy; the library counts it to training.</param>
/// <param name="Train">Losses and gradients.</param>
/// <param name="Update">Clipping and the optimiser.</param>
internal sealed record StepSeconds(double Encode, double Sample, double Score, double Reference, double Train, double Update)
{
    /// <summary>From beginning to end, where that was measured: with what lies between the phases.</summary>
    public double? Whole { get; init; }

    public double Total => Whole ?? Encode + Sample + Score + Reference + Train + Update;

    /// <summary>All that the policy's training takes once its samples are scored.</summary>
    public double Training => Reference + Train + Update;
}
