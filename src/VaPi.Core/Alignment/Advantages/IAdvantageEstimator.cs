using static TorchSharp.torch;

namespace VaPi.Alignment.Advantages;

/// <summary>Says how much better than its group each sample is.</summary>
public interface IAdvantageEstimator
{
    /// <summary>Advantages from rewards.</summary>
    /// <param name="rewards">(B, G), or (B, G, T) for rewards seen from each position; groups along dimension 1. Stays the caller's.</param>
    /// <returns>Of the same shape. Belongs to the caller.</returns>
    Tensor Estimate(Tensor rewards);
}
