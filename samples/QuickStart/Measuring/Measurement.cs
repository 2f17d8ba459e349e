namespace QuickStart.Measuring;

/// <summary>How good a policy is on the evaluation region.</summary>
/// <param name="RewardClean">Held-out reward under the true prefix.</param>
/// <param name="RewardNoisy">Held-out reward under a noisy prefix.</param>
/// <param name="Frechet">The Frechet distance of free-running samples to held-out crops.</param>
internal sealed record Measurement(double RewardClean, double RewardNoisy, double Frechet)
{
    /// <summary>The mean of both rewards.</summary>
    public double Reward => (RewardClean + RewardNoisy) / 2;

    public override string ToString() =>
        FormattableString.Invariant($"held-out reward {RewardClean:F4} (clean prefix), {RewardNoisy:F4} (noisy prefix); Frechet distance {Frechet:F2}");
}
