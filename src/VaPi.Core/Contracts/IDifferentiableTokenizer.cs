using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// A tokenizer that also opens its continuous side, for objectives whose gradient runs through the decoder
/// (straight-through estimation) and for rewards on embeddings.
/// </summary>
public interface IDifferentiableTokenizer : ITokenizer
{
    /// <summary>(V, C), float32: the codebook rows as decoding uses them (L2-normalised, where the tokenizer does that).</summary>
    /// <remarks>Owned by the tokenizer; do not dispose or change it.</remarks>
    Tensor Codebook { get; }

    /// <summary>The encoder's output before quantisation.</summary>
    /// <param name="images">(B, 3, H, W), float32, RGB in [-1, 1]. Stays the caller's.</param>
    /// <returns>(B, T, C), float32, not normalised, in token order. Belongs to the caller.</returns>
    Tensor EncodeContinuous(Tensor images);

    /// <summary>Decodes vectors in place of codebook rows; gradients flow from the images to the vectors.</summary>
    /// <param name="vectors">(N, T, C), float32, in token order. Stays the caller's.</param>
    /// <returns>(N, 3, H, W), float32. Belongs to the caller.</returns>
    Tensor DecodeVectors(Tensor vectors);
}
