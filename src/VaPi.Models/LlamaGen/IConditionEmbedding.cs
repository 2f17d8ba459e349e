using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>What stands before the image's tokens.</summary>
internal interface IConditionEmbedding
{
    /// <param name="condition">Of B images.</param>
    /// <param name="mode">In training mode conditions are dropped at random.</param>
    /// <returns>(B, C, D), C the condition's positions.</returns>
    /// <exception cref="ArgumentException">The condition is of another kind or does not fit.</exception>
    Tensor Embed(Condition condition, PolicyMode mode);

    /// <summary>Which keys the positions see, where that is not simply all up to themselves.</summary>
    /// <param name="condition">Of B images.</param>
    /// <param name="firstQuery">The first position that looks.</param>
    /// <param name="length">The positions there are, seen from the last that looks.</param>
    /// <returns>(B, 1, length - firstQuery, length), bool; null for all up to themselves.</returns>
    Tensor? Mask(Condition condition, long firstQuery, long length);
}
