using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>x / sqrt(mean(x²) + epsilon) * weight, computed in float32 where x is less precise.</summary>
internal static class RootMeanSquareNorm
{
    /// <param name="hidden">(B, S, D).</param>
    /// <param name="weight">(D).</param>
    /// <param name="epsilon">Above 0.</param>
    /// <returns>(B, S, D), of the type of <paramref name="hidden"/>.</returns>
    public static Tensor Apply(Tensor hidden, Tensor weight, double epsilon)
    {
        Tensor wide = hidden.to(Precision.AtLeastSingle(hidden.dtype));
        Tensor scale = wide.square().mean([-1], keepdim: true).add_(epsilon).rsqrt();
        return (wide * scale).to(hidden.dtype) * weight;
    }
}
