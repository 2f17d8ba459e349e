namespace VaPi.Evaluation.Likelihood;

/// <summary>
/// An estimate of the evidence lower bound (ELBO) on the log-likelihood of an image: what VA-π raises. With the tokens x as the
/// latent variable and the teacher-forced policy on a noisy prefix as the posterior q,
/// log p(I) ≥ E_q[log p(I | x)] - KL(q(x | I) ‖ p(x)). The bound holds for each draw of the noise, and so on average.
/// </summary>
/// <param name="Reconstruction">
/// E_q[log p(I | x)] in nats an image: the log-density of the pixels under a normal distribution with deviation σ about the
/// decoded sample, not clamped.
/// </param>
/// <param name="Divergence">
/// KL(q ‖ p) in nats an image, from the same samples: the log-probability of a sample's tokens under the posterior, which saw the
/// image's tokens, less that under the prior, which sees the sample's own. A single value may be below 0, its expectation is not.
/// </param>
/// <param name="SampleError">The mean squared error of the decoded samples, pixels in [-1, 1]; what the reconstruction term is made of.</param>
/// <param name="TokenizerError">The mean squared error of decoding the true tokens: what no policy can undercut by much.</param>
/// <param name="PixelDeviation">σ, pixels in [-1, 1].</param>
public sealed record EvidenceBound(
    ImageEstimate Reconstruction, ImageEstimate Divergence, ImageEstimate SampleError, ImageEstimate TokenizerError, double PixelDeviation)
{
    /// <summary>The bound in nats an image: reconstruction less divergence. Densities can exceed 1, so it may be above 0.</summary>
    public ImageEstimate Bound { get; } = Reconstruction.Minus(Divergence);
}
