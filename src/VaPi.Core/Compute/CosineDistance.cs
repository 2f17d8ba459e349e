using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Compute;

/// <summary>The cosine between whole images' embeddings: the vectors of all positions laid end to end.</summary>
internal static class CosineDistance
{
    private const double Epsilon = 1e-8;

    /// <summary>An image's embedding as one vector of length one. A zero embedding has no direction and stays zero.</summary>
    /// <param name="embeddings">(N, T, C).</param>
    /// <returns>(N, T * C).</returns>
    public static Tensor Directions(Tensor embeddings)
    {
        using DisposeScope scope = NewDisposeScope();
        return F.normalize(embeddings.flatten(1), p: 2, dim: 1, eps: Epsilon).MoveToOuterDisposeScope();
    }

    /// <summary>1 - cosine between a sample's codebook rows and its image's encoding; 0 … 2, and 1 where either is zero.</summary>
    /// <param name="targets">(I, T * C): directions.</param>
    /// <param name="codebook">(V, C).</param>
    /// <param name="tokens">(I * S, T), int64, in 0 … V-1, image-major.</param>
    /// <returns>(I * S).</returns>
    public static Tensor Between(Tensor targets, Tensor codebook, Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        (long images, long width) = (targets.shape[0], targets.shape[1]);
        Tensor rows = codebook.index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], -1); // (I S, T, C)
        Tensor cosines = Directions(rows).view(images, -1, width).matmul(targets.unsqueeze(-1)); // (I, S, 1)
        return (1 - cosines).flatten().MoveToOuterDisposeScope();
    }
}
