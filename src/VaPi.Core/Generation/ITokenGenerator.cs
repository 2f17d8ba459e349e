using static TorchSharp.torch;

namespace VaPi.Generation;

/// <summary>A policy that generates freely: each token conditioned on the tokens it drew before.</summary>
public interface ITokenGenerator
{
    /// <summary>Generates the tokens of one image for each condition.</summary>
    /// <param name="condition">The condition of each of the B images. Stays the caller's.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <returns>(B, T), int64. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Tensor Generate(Condition condition, GenerationOptions options, CancellationToken cancellationToken = default);
}
