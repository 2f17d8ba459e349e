using static System.FormattableString;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>The memory that encoding images to tokens and decoding them takes. All is float32.</summary>
public static class ReconstructionMemory
{
    /// <summary>Encoding images and decoding their tokens.</summary>
    /// <param name="tokenizer">The tokenizer's shape.</param>
    /// <param name="images">The images at a time; at least 1.</param>
    public static MemoryEstimate Of(LlamaGenTokenizerConfiguration tokenizer, int images)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        (long encoding, long decoding) = (TokenizerMemory.Encode(tokenizer), TokenizerMemory.Decode(tokenizer));
        return new MemoryEstimate(
            [new("tokenizer's weights", Invariant($"{NumberBytes.Single} B x {tokenizer.ParameterCount:N0}"), NumberBytes.Single * tokenizer.ParameterCount)],
            [
                new("encoding", Invariant($"{images} images x {Amounts.OfBytes(encoding)} of layers' outputs"), images * encoding),
                new("decoding", Invariant($"{images} images x {Amounts.OfBytes(decoding)} of layers' outputs"), images * decoding),
            ]);
    }
}
