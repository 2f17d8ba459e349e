using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Estimates of the Kullback-Leibler divergence from samples.</summary>
internal static class KullbackLeibler
{
    /// <summary>
    /// The k3 estimator exp(q - p) - (q - p) - 1 of KL(policy ‖ reference): unbiased at samples of the policy and never
    /// negative.
    /// </summary>
    /// <param name="policy">p, log-probabilities of sampled tokens, any shape.</param>
    /// <param name="reference">q, the reference's log-probabilities of the same tokens.</param>
    public static Tensor K3(Tensor policy, Tensor reference)
    {
        Tensor difference = reference - policy;
        return difference.exp() - difference - 1;
    }
}
