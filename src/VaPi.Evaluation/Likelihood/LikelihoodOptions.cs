namespace VaPi.Evaluation.Likelihood;

/// <summary>On what and how likelihoods are measured. Policies that are to be compared need the same options.</summary>
public sealed record LikelihoodOptions
{
    /// <summary>N, the held-out images to measure on; at least 2. More than the source has are drawn again with other crops.</summary>
    public int Images { get; init; } = 64;

    /// <summary>The images of one forward pass, and the samples of one pass of the prior; at least 1. It decides memory and time only.</summary>
    public int ImagesPerBatch { get; init; } = 16;

    /// <summary>G, the samples of the posterior drawn for each image; at least 1.</summary>
    public int SamplesPerImage { get; init; } = 4;

    /// <summary>ξ, the probability that a token of the noisy prefix is replaced by a random one; 0 … 1.</summary>
    public double ContextNoise { get; init; } = 0.5;

    /// <summary>
    /// σ, the standard deviation of the pixels about a decoded image, with pixels in [-1, 1]; above 0. Null for the
    /// tokenizer's own on the images measured: the root of the mean squared error of decoding their true tokens.
    /// </summary>
    public double? PixelDeviation { get; init; }

    /// <summary>Images decoded at a time; at least 1. It decides memory and time only.</summary>
    public int SamplesPerDecode { get; init; } = 16;

    /// <summary>Decides the crops, the noise, the samples and the generated images.</summary>
    public long Seed { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">Options are out of range; the message names them all.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        if (Images < 2)
            problems.Add($"{nameof(Images)} is {Images} but must be at least 2: a standard error is of several");
        if (ImagesPerBatch < 1)
            problems.Add($"{nameof(ImagesPerBatch)} is {ImagesPerBatch} but must be at least 1");
        if (SamplesPerImage < 1)
            problems.Add($"{nameof(SamplesPerImage)} is {SamplesPerImage} but must be at least 1");
        if (!(ContextNoise >= 0 && ContextNoise <= 1))
            problems.Add($"{nameof(ContextNoise)} is {ContextNoise} but must be 0 to 1");
        if (PixelDeviation is { } deviation && !(deviation > 0 && double.IsFinite(deviation)))
            problems.Add($"{nameof(PixelDeviation)} is {deviation} but must be above 0, or null for the tokenizer's own");
        if (SamplesPerDecode < 1)
            problems.Add($"{nameof(SamplesPerDecode)} is {SamplesPerDecode} but must be at least 1");
        if (problems.Count > 0)
            throw new ArgumentException($"The likelihood options are not usable: {string.Join("; ", problems)}.");
    }
}
