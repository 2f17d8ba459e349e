using VaPi.Models.LlamaGen;

namespace LlamaGen.Memory;

/// <summary>The bytes that a policy's forward passes take, for D the width, F the feed-forward width, H the heads and L the layers.</summary>
internal static class PolicyFootprint
{
    // The logits that the library lets exist at a time, and tensors of their size: the logits, their softmax, the gradient,
    // and one for what the head or the drawing does with them.
    private const long LogitsPerChunk = 4L << 20;
    private const int TensorsOfLogits = 4;

    /// <summary>S, the positions of one image's sequence: the condition's, and all tokens but the last.</summary>
    public static long Positions(LlamaGenConfiguration policy) => (policy.IsTextConditional ? policy.CaptionPlaces : 1) + policy.TokenCount - 1L;

    /// <summary>
    /// The numbers that a block keeps for its backward pass at one position. Each of two norms: its input, the normalised input
    /// and that times the weight, 6 D. Attention: projected queries, keys and values, the turned queries and keys, the mixture
    /// and its logarithms of sums, 6 D + H. Dropout's two masks, 2 D. Feed-forward: gate, activated gate, up, product, 4 F.
    /// With captions, a row of the mask, S.
    /// </summary>
    public static long KeptByBlock(LlamaGenConfiguration policy) =>
        14L * policy.Width + policy.Heads + 4L * policy.FeedForwardWidth + (policy.IsTextConditional ? Positions(policy) : 0);

    /// <summary>Activations that wait for the backward pass: every block's, the embedding with its mask, and the last norm's.</summary>
    public static long Training(LlamaGenConfiguration policy, long images) =>
        images * Positions(policy) * (policy.Layers * KeptByBlock(policy) + 5L * policy.Width) * MemoryEstimate.Float;

    /// <summary>A forward pass without gradients: every block's output, and one block at work.</summary>
    public static long Forward(LlamaGenConfiguration policy, long images) =>
        images * Positions(policy) * (policy.Layers * (long)policy.Width + KeptByBlock(policy) + 5L * policy.Width) * MemoryEstimate.Float;

    /// <summary>The logits of a chunk of positions.</summary>
    public static long LogitsChunk(LlamaGenConfiguration policy, long images) =>
        TensorsOfLogits * Math.Min(Math.Max(LogitsPerChunk, images * policy.VocabularySize), images * policy.VocabularySize * policy.TokenCount) * MemoryEstimate.Float;

    /// <summary>Keys and values of all blocks for rows of a batch; with guidance an image has two.</summary>
    public static long Cache(LlamaGenConfiguration policy, long rows) =>
        2L * policy.Layers * rows * (policy.KeyValueHeads ?? policy.Heads) * policy.HeadWidth * Positions(policy) * MemoryEstimate.Float;
}
