using static TorchSharp.torch;

namespace VaPi;

/// <summary>A frozen policy from which the trained one is kept near.</summary>
public interface IReferencePolicy : IDisposable
{
    /// <summary>The log-probabilities of sampled tokens, teacher-forced, without gradients or dropout.</summary>
    /// <param name="condition">The condition of each of the B contexts.</param>
    /// <param name="context">(B, T), int64. Stays the caller's.</param>
    /// <param name="samples">(B, G, T), int64. Stays the caller's.</param>
    /// <param name="temperature">τ &gt; 0, by which logits are divided.</param>
    /// <param name="support">(B, T, V), bool: the tokens the distribution is restricted to; null for all. Stays the caller's.</param>
    /// <returns>(B, G, T), float32, without gradient. Belongs to the caller.</returns>
    Tensor LogProbabilities(Condition condition, Tensor context, Tensor samples, double temperature, Tensor? support);
}
