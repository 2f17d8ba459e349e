using static System.FormattableString;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>The memory that generating images takes. The tokenizer and logits are float32.</summary>
public static class GenerationMemory
{
    // Guidance, the filters' sorting and the drawing each make tensors of the logits' size.
    private const int TensorsOfLogits = 8;

    /// <summary>Generating tokens with the key/value cache and decoding them, one image at a time.</summary>
    /// <param name="policy">The policy's shape.</param>
    /// <param name="tokenizer">The tokenizer's shape.</param>
    /// <param name="images">The images generated at a time; at least 1.</param>
    /// <param name="guided">Whether there is guidance, which doubles the rows.</param>
    /// <param name="type">The type of the policy's weights: Float32 (if null), BFloat16 or Float64.</param>
    /// <exception cref="ArgumentException">Weights cannot be of this type.</exception>
    public static MemoryEstimate Of(LlamaGenConfiguration policy, LlamaGenTokenizerConfiguration tokenizer, int images, bool guided, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        NumberBytes bytes = NumberBytes.Of(type);
        int rows = guided ? 2 * images : images;
        long weights = policy.ParameterCount + policy.BufferCount;
        long cache = PolicyMemory.Cache(policy, rows, bytes);
        long logits = (long)TensorsOfLogits * rows * policy.VocabularySize * bytes.Wide;
        return new MemoryEstimate(
            [
                new("policy's weights", Invariant($"{bytes.Weight} B x {weights:N0}"), bytes.Weight * weights),
                new("tokenizer's weights", Invariant($"{NumberBytes.Single} B x {tokenizer.ParameterCount:N0}"), NumberBytes.Single * tokenizer.ParameterCount),
            ],
            [
                new(
                    "generating tokens",
                    Invariant($"keys and values 2 x {policy.Layers} layers x {rows} rows x {PolicyOperations.Positions(policy)} positions x {policy.KeyValueHeadCount * policy.HeadWidth} x {bytes.Weight} B = {Amounts.OfBytes(cache)} + logits {Amounts.OfBytes(logits)}"),
                    cache + logits),
                new("decoding", "layers' outputs of one image at a time", TokenizerMemory.Decode(tokenizer)),
            ]);
    }
}
