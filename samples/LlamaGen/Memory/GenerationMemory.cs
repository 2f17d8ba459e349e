using VaPi.Models.LlamaGen;
using static System.FormattableString;

namespace LlamaGen.Memory;

/// <summary>What generating images takes. All is float32.</summary>
internal static class GenerationMemory
{
    // Guidance, the filters' sorting and the drawing each make tensors of the logits' size.
    private const int TensorsOfLogits = 8;

    /// <param name="policy">The policy's shape.</param>
    /// <param name="tokenizer">The tokenizer's shape.</param>
    /// <param name="images">The images generated at a time.</param>
    /// <param name="guided">Whether there is guidance, which doubles the rows.</param>
    public static MemoryEstimate Of(LlamaGenConfiguration policy, LlamaGenTokenizerConfiguration tokenizer, int images, bool guided)
    {
        int rows = guided ? 2 * images : images;
        long weights = policy.ParameterCount + policy.BufferCount;
        long decoding = TokenizerFootprint.OfDecoding(tokenizer);
        long cache = PolicyFootprint.Cache(policy, rows);
        long logits = (long)TensorsOfLogits * rows * policy.VocabularySize * MemoryEstimate.Float;
        return new MemoryEstimate(
            [
                new("policy's weights", Invariant($"4 B x {weights:N0}"), MemoryEstimate.Float * weights),
                new("tokenizer's weights", Invariant($"4 B x {tokenizer.ParameterCount:N0}"), MemoryEstimate.Float * tokenizer.ParameterCount),
            ],
            [
                new(
                    "generating tokens",
                    Invariant($"keys and values 2 x {policy.Layers} layers x {rows} rows x {PolicyFootprint.Positions(policy)} positions x {(policy.KeyValueHeads ?? policy.Heads) * policy.HeadWidth} x 4 B = {Sizes.Of(cache)} + logits {Sizes.Of(logits)}"),
                    cache + logits),
                new("decoding", "layers' outputs of one image at a time", decoding),
            ]);
    }
}
