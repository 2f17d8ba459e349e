using VaPi.Models.LlamaGen;
using static System.FormattableString;

namespace LlamaGen.Memory;

/// <summary>What encoding and decoding images takes. All is float32.</summary>
internal static class ReconstructionMemory
{
    /// <param name="tokenizer">The tokenizer's shape.</param>
    /// <param name="images">The images at a time.</param>
    public static MemoryEstimate Of(LlamaGenTokenizerConfiguration tokenizer, int images)
    {
        long encoding = TokenizerFootprint.OfEncoding(tokenizer);
        long decoding = TokenizerFootprint.OfDecoding(tokenizer);
        return new MemoryEstimate(
            [new("tokenizer's weights", Invariant($"4 B x {tokenizer.ParameterCount:N0}"), MemoryEstimate.Float * tokenizer.ParameterCount)],
            [
                new("encoding", Invariant($"{images} images x {Sizes.Of(encoding)} of layers' outputs"), images * encoding),
                new("decoding", Invariant($"{images} images x {Sizes.Of(decoding)} of layers' outputs"), images * decoding),
            ]);
    }
}
