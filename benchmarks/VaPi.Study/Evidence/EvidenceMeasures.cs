namespace VaPi.Study.Evidence;

/// <summary>The names of what is measured.</summary>
internal static class EvidenceMeasures
{
    public const string RewardClean = "reward, clean prefix";
    public const string RewardNoisy = "reward, noisy prefix";
    public const string Frechet = "Frechet distance";
    public const string Precision = "precision";
    public const string Recall = "recall";
    public const string NatsClean = "nats a token, clean prefix";
    public const string NoisyGap = "exposure bias, noisy prefix";
    public const string SampledGap = "exposure bias, prefix of own samples";
    public const string GeneratedGap = "exposure bias, self-generated prefix";
    public const string Elbo = "ELBO, nats an image";
    public const string Reconstruction = "reconstruction term, nats an image";
    public const string Divergence = "divergence from the start as the prior, nats an image";
    public const string KlDivergence = "KL to the start, nats a token";
    public const string Entropy = "entropy, nats a token";
}
