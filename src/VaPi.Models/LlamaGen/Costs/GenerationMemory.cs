using static System.FormattableString;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>The memory that generating images takes. All is float32.</summary>
public static class GenerationMemory
{
    // Guidance, the filters' sorting and the drawing each make tensors of the logits' size.
    private const int TensorsOfLogits = 8;

    /// <summary>Generating tokens with the key/value cache and decoding them, one image at a time.</summary>
    /// <param name="policy">The policy's shape.</param>
    /// <param name="tokenizer">The tokenizer's shape.</param>
    /// <param name="images">The images generated at a time; at least 1.</param>
    /// <param name="guided">Whether there is guidance, which doubles the rows.</param>
    public static MemoryEstimate Of(LlamaGenConfiguration policy, LlamaGenTokenizerConfiguration tokenizer, int images, bool guided)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        const int Single = NumberBytes.Single;
        int rows = guided ? 2 * images : images;
        long weights = policy.ParameterCount + policy.BufferCount;
        long cache = PolicyMemory.Cache(policy, rows, Single);
        long logits = (long)TensorsOfLogits * rows * policy.VocabularySize * Single;
        return new MemoryEstimate(
            [
                new("policy's weights", Invariant($"{Single} B x {weights:N0}"), Single * weights),
                new("tokenizer's weights", Invariant($"{Single} B x {tokenizer.ParameterCount:N0}"), Single * tokenizer.ParameterCount),
            ],
            [
                new(
                    "generating tokens",
                    Invariant($"keys and values 2 x {policy.Layers} layers x {rows} rows x {PolicyOperations.Positions(policy)} positions x {policy.KeyValueHeadCount * policy.HeadWidth} x {Single} B = {Amounts.OfBytes(cache)} + logits {Amounts.OfBytes(logits)}"),
                    cache + logits),
                new("decoding", "layers' outputs of one image at a time", TokenizerMemory.Decode(tokenizer)),
            ]);
    }
}
