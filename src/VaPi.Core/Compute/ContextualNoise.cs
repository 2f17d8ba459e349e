using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Contextual noise: the prefix that the policy is forced on differs from the truth, as its own samples would.</summary>
internal static class ContextualNoise
{
    /// <summary>Replaces each token, independently with probability ξ, by a uniform draw from the codebook.</summary>
    /// <param name="tokens">(B, T), int64.</param>
    /// <param name="share">ξ, 0 … 1.</param>
    /// <param name="uniforms">(B, T) in [0, 1).</param>
    /// <param name="replacements">(B, T), int64, uniform over the codebook.</param>
    /// <returns>(B, T), int64.</returns>
    public static Tensor Apply(Tensor tokens, double share, Tensor uniforms, Tensor replacements)
    {
        using DisposeScope scope = NewDisposeScope();
        return where(uniforms < share, replacements, tokens).MoveToOuterDisposeScope();
    }
}
