namespace VaPi.Study.Evidence;

/// <summary>The names of what is measured.</summary>
internal static class EvidenceMeasures
{
    public const string RewardClean = "reward, clean prefix";
    public const string RewardNoisy = "reward, noisy prefix";
    public const string Frechet = "Frechet distance";
    public const string NatsClean = "nats a token, clean prefix";
    public const string NatsNoisy = "nats a token, noisy prefix";
    public const string KlDivergence = "KL to the start";
    public const string Entropy = "entropy";
}
