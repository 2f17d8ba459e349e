namespace VaPi.Evaluation.Likelihood;

/// <summary>How likely held-out tokens are under one kind of prefix.</summary>
/// <param name="PerToken">The log-likelihood of an image's true tokens, in nats a token; 0 at best.</param>
/// <param name="ByPosition">The same at each of the T positions, mean over the images, in nats.</param>
public sealed record PrefixLikelihood(ImageEstimate PerToken, IReadOnlyList<double> ByPosition)
{
    /// <summary>The perplexity: exp of minus the mean log-likelihood a token.</summary>
    public double Perplexity => Math.Exp(-PerToken.Mean);
}
