using System.Globalization;
using System.Text;

namespace VaPi.Evaluation.Likelihood;

/// <summary>What <see cref="HeldOutLikelihood"/> measured of one policy.</summary>
/// <param name="Elbo">Both terms of the evidence lower bound.</param>
/// <param name="Exposure">The likelihood of held-out tokens under different prefixes.</param>
/// <param name="Options">What it was measured with.</param>
public sealed record LikelihoodReport(EvidenceBound Elbo, ExposureBias Exposure, LikelihoodOptions Options)
{
    private const string OfImage = "nats an image";
    private const string OfToken = "nats a token";

    /// <summary>All measures in the order of the table.</summary>
    public IReadOnlyList<LikelihoodRow> Rows { get; } = [.. RowsOf(Elbo, Exposure)];

    /// <summary>What changed since another policy was measured on the same images.</summary>
    /// <param name="before">Measured with the same options.</param>
    /// <exception cref="ArgumentException">It was measured with other options, or only one of the two generated.</exception>
    public LikelihoodChange Since(LikelihoodReport before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return new LikelihoodChange(before, this);
    }

    /// <summary>The table, in Markdown.</summary>
    public override string ToString()
    {
        StringBuilder text = new StringBuilder().AppendLine("| measure | unit | value |").AppendLine("| --- | --- | --- |");
        foreach (LikelihoodRow row in Rows)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Unit} | {row.Value} |");
        return text.ToString();
    }

    private static IEnumerable<LikelihoodRow> RowsOf(EvidenceBound elbo, ExposureBias exposure)
    {
        string noise = exposure.ContextNoise.ToString("0.###", CultureInfo.InvariantCulture);
        yield return new("ELBO", OfImage, true, elbo.Bound);
        yield return new("reconstruction term", OfImage, true, elbo.Reconstruction);
        yield return new("divergence from the prior", OfImage, false, elbo.Divergence);
        yield return new("mean squared error of samples", "pixels in [-1, 1]", false, elbo.SampleError);
        yield return new("log-likelihood, clean prefix", OfToken, true, exposure.Clean.PerToken);
        yield return new($"log-likelihood, noisy prefix (ξ {noise})", OfToken, true, exposure.Noisy.PerToken);
        yield return new("log-likelihood, prefix of own samples", OfToken, true, exposure.Sampled.PerToken);
        if (exposure.Generated is not null)
            yield return new("log-likelihood, self-generated prefix", OfToken, true, exposure.Generated.PerToken);
        yield return new($"exposure bias to noise (ξ {noise})", OfToken, false, exposure.NoisyGap);
        yield return new("exposure bias to own samples", OfToken, false, exposure.SampledGap);
        if (exposure.GeneratedGap is not null)
            yield return new("exposure bias to a self-generated image", OfToken, false, exposure.GeneratedGap);
    }
}
