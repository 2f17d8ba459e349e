namespace VaPi.Generation;

/// <summary>How a policy generates freely.</summary>
public sealed record GenerationOptions
{
    /// <summary>
    /// s, the scale of classifier-free guidance: logits become u + s (c - u) for conditional c and unconditional u. At 1 or
    /// below there is no guidance.
    /// </summary>
    public double Guidance { get; init; } = 1;

    /// <summary>Guidance is switched off for tokens k with k - 1 above this; negative for never.</summary>
    public int GuidanceInterval { get; init; } = -1;

    /// <summary>The power of a power-cosine schedule of the guidance over the tokens; 0 for a constant one.</summary>
    public double GuidancePower { get; init; }

    /// <summary>τ ≥ 0, by which logits are divided; values below 1e-5 count as that.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k likeliest tokens are drawn; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together hold p of the probability are drawn; 1 or more for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Take the likeliest token instead of drawing.</summary>
    public bool Greedy { get; init; }

    /// <summary>
    /// Decides every draw. The image at index i of the batch uses the random numbers of seed + i, so the same seed gives the
    /// same image in whatever batch it sits.
    /// </summary>
    public ulong Seed { get; init; }

    /// <summary>Told after each token how many of an image's tokens there are, 1 … T; null for nobody.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>The guidance scale at one token.</summary>
    /// <param name="token">0 … <paramref name="tokenCount"/>-1.</param>
    /// <param name="tokenCount">T.</param>
    /// <returns>s at that token; 1 where guidance is off.</returns>
    public double GuidanceAt(int token, int tokenCount)
    {
        if (Guidance <= 1 || token == 0)
            return Math.Max(1, Guidance);
        if (GuidanceInterval >= 0 && token - 1 > GuidanceInterval)
            return 1;
        if (GuidancePower <= 0)
            return Guidance;
        double progress = (token - 1) / (double)(tokenCount - 1);
        return 1 + (Guidance - 1) * (1 - Math.Cos(Math.PI * Math.Pow(progress, GuidancePower))) / 2;
    }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">Options are out of range; the message names them all.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        if (!double.IsFinite(Guidance))
            problems.Add($"{nameof(Guidance)} is {Guidance} but must be finite");
        if (!(double.IsFinite(GuidancePower) && GuidancePower >= 0))
            problems.Add($"{nameof(GuidancePower)} is {GuidancePower} but must be 0 or above");
        if (!(double.IsFinite(Temperature) && Temperature >= 0))
            problems.Add($"{nameof(Temperature)} is {Temperature} but must be 0 or above");
        if (TopK < 0)
            problems.Add($"{nameof(TopK)} is {TopK} but must be 0 (off) or above");
        if (!(TopP > 0))
            problems.Add($"{nameof(TopP)} is {TopP} but must be above 0 (1 for off)");
        if (problems.Count > 0)
            throw new ArgumentException($"The generation options are not usable: {string.Join("; ", problems)}.");
    }
}
