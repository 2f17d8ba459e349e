namespace VaPi.Benchmarks.Step;

/// <summary>What of the recipe is set; the rest is as published.</summary>
internal sealed record PublishedSettings
{
    /// <summary>G, the samples an image.</summary>
    public required int GroupSize { get; init; }

    /// <summary>ξ, for rollouts whose prefix is yet to be drawn.</summary>
    public double ContextNoise { get; init; } = 0.5;

    /// <summary>β.</summary>
    public required double PriorWeight { get; init; }

    /// <summary>κ; above 0 the starting policy is kept.</summary>
    public double KlWeight { get; init; }
}
