using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// Turns images into discrete tokens and back. It is frozen: nothing in VaPi changes it, and no gradient reaches it
/// through this interface. The tensors it is given lie on the policy's device, and so do those that it gives.
/// </summary>
public interface ITokenizer
{
    /// <summary>V, the number of codebook entries; tokens are 0 … V-1.</summary>
    int CodebookSize { get; }

    /// <summary>How the T tokens of an image lie over it.</summary>
    TokenLayout Layout { get; }

    /// <summary>The size of the images it encodes and decodes.</summary>
    ImageSize ImageSize { get; }

    /// <summary>
    /// The device of its weights, which must be the policy's; checked when a trainer is built. Null if it says nothing of it, or
    /// runs wherever its inputs are.
    /// </summary>
    Device? Device => null;

    /// <summary>
    /// Identifies everything that decides which tokens an image gets: the same text for the same tokenizer, today and on another
    /// machine, and another one as soon as a weight or a setting differs, such as a hash of both. Tokens that are kept in files
    /// are told by it. Null if the tokenizer has none, and then its tokens cannot be
    /// kept. It is asked for at every step that uses such tokens, so it should be computed once.
    /// </summary>
    string? Fingerprint => null;

    /// <summary>Encodes images to their tokens.</summary>
    /// <param name="images">(B, 3, H, W), float32, RGB in [-1, 1]. Stays the caller's.</param>
    /// <returns>(B, T), int64. Belongs to the caller.</returns>
    Tensor Encode(Tensor images);

    /// <summary>Decodes tokens to images.</summary>
    /// <param name="tokens">(N, T), int64, each in 0 … V-1. Stays the caller's.</param>
    /// <returns>(N, 3, H, W), float32, about [-1, 1] but not clamped. Belongs to the caller.</returns>
    Tensor Decode(Tensor tokens);
}
