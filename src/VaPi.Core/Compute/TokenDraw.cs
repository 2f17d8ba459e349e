using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Draws tokens from categorical distributions by inverting their cumulative distribution.</summary>
internal static class TokenDraw
{
    /// <summary>
    /// The token whose slice of the cumulative distribution holds the uniform number. Unlike a library's multinomial it
    /// takes its random numbers as an input, so that they can be fixed per image and are the same on every device.
    /// </summary>
    /// <param name="probabilities">(R, V), rows summing to about 1.</param>
    /// <param name="uniforms">(R, N) in [0, 1).</param>
    /// <returns>(R, N), int64.</returns>
    public static Tensor ByInverse(Tensor probabilities, Tensor uniforms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cumulative = probabilities.cumsum(-1); // (R, V)
        long vocabulary = probabilities.shape[^1];

        // Scaling by the total makes up for rounding in the sum; "right" steps over tokens of probability zero.
        Tensor targets = uniforms * cumulative.narrow(-1, vocabulary - 1, 1);
        return searchsorted(cumulative, targets, right: true).clamp_(max: vocabulary - 1).MoveToOuterDisposeScope();
    }
}
