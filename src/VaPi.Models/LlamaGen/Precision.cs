using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>Which types weights may have, and what is computed more precisely than they are.</summary>
internal static class Precision
{
    /// <summary>The type of norms, rotary embeddings and logits, whatever the weights are: float32, or float64 with float64 weights.</summary>
    public static ScalarType AtLeastSingle(ScalarType weights) => weights == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <exception cref="ArgumentException">Weights cannot be of this type.</exception>
    public static ScalarType Checked(ScalarType? type) => type switch
    {
        null => ScalarType.Float32,
        ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float64 => type.Value,
        _ => throw new ArgumentException($"The weights' type is {type} but must be Float32, BFloat16 or Float64.", nameof(type)),
    };
}
