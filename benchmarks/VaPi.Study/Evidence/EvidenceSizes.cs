namespace VaPi.Study.Evidence;

/// <summary>How long runs are, and how closely they are measured; the same for all arms.</summary>
internal sealed record EvidenceSizes
{
    public int Rollouts { get; init; } = 100;

    /// <summary>Free-running samples of a measurement.</summary>
    public int Samples { get; init; } = 1024;

    /// <summary>Held-out images of a measurement's rewards and likelihoods.</summary>
    public int HeldOutImages { get; init; } = 96;

    /// <summary>Sizes that show that everything works, and no more.</summary>
    public static EvidenceSizes Quick { get; } = new() { Rollouts = 6, Samples = 128, HeldOutImages = 16 };
}
