namespace VaPi.Models.LlamaGen.Costs;

/// <summary>
/// The bytes that a policy's passes take, for D the width, F the feed-forward width, H the heads, L the layers and S the
/// positions. Norms and rotary embeddings are computed in float32 at least.
/// </summary>
internal static class PolicyMemory
{
    // The logits that the library lets exist at a time, and tensors of their size: the logits, their softmax, the gradient,
    // and one for what the head or the drawing does with them.
    private const long LogitsPerChunk = 4L << 20;
    private const int TensorsOfLogits = 4;

    /// <summary>
    /// What a block keeps for its backward pass at one position. Each of two norms: its input, wide, the normalised input and
    /// that times the weight, 2 D wide and 4 D. Attention: projected queries, keys and values, the turned queries and keys, and
    /// the mixture, 6 D, and the logarithms of its sums, H wide. Feed-forward: gate, activated gate, up, product, 4 F. Dropout's
    /// two masks, 2 D. With captions, a row of the mask, S.
    /// </summary>
    /// <param name="policy">Its shape.</param>
    /// <param name="drops">Whether there is dropout in the pass.</param>
    /// <param name="bytes">Of its numbers.</param>
    public static long KeptByBlock(LlamaGenConfiguration policy, bool drops, NumberBytes bytes) =>
        bytes.Weight * ((drops ? 12L : 10L) * policy.Width + 4L * policy.FeedForwardWidth + MaskRow(policy)) + bytes.Wide * (2L * policy.Width + policy.Heads);

    /// <summary>As <see cref="KeptByBlock"/> has it.</summary>
    public static string KeptByBlockText(LlamaGenConfiguration policy, bool drops, NumberBytes bytes) =>
        $"{bytes.Weight} B x ({(drops ? 12 : 10)} D + 4 F{(policy.IsTextConditional ? " + S" : "")}) + {bytes.Wide} B x (2 D + H)";

    /// <summary>Activations that wait for the backward pass: every block's, the embedding's mask and sum, and the last norm's.</summary>
    public static long Training(LlamaGenConfiguration policy, long images, bool drops, NumberBytes bytes) =>
        images * PolicyOperations.Positions(policy) * (policy.Layers * KeptByBlock(policy, drops, bytes) + KeptByEnds(policy, bytes));

    /// <summary>With checkpointed activations, every block's input waits instead of what the block would keep.</summary>
    public static long Checkpointed(LlamaGenConfiguration policy, long images, NumberBytes bytes) =>
        Inputs(policy, images, bytes) + images * PolicyOperations.Positions(policy) * KeptByEnds(policy, bytes);

    /// <summary>A forward pass without gradients: every block's output, and one block at work.</summary>
    public static long Forward(LlamaGenConfiguration policy, long images, NumberBytes bytes) =>
        Inputs(policy, images, bytes) + BlockAtWork(policy, images, bytes);

    /// <summary>
    /// One block's intermediate values: beside what it keeps its norms' squares, projections and sums, 5 D. A block of 16 bits has
    /// what its norms normalise, and queries and keys before and after they are turned, in float32 too, which makes 10 D wide of it.
    /// </summary>
    public static long BlockAtWork(LlamaGenConfiguration policy, long images, NumberBytes bytes) =>
        images * PolicyOperations.Positions(policy) * (KeptByBlock(policy, drops: false, bytes) + (bytes.IsRounded ? 10L : 5L) * bytes.Wide * policy.Width);

    /// <summary>The logits of a chunk of positions.</summary>
    public static long LogitsChunk(LlamaGenConfiguration policy, long images, int? positions, NumberBytes bytes)
    {
        long ofPosition = images * policy.VocabularySize;
        long atATime = positions is { } chosen ? chosen * ofPosition : Math.Max(LogitsPerChunk, ofPosition);
        return TensorsOfLogits * Math.Min(atATime, policy.TokenCount * ofPosition) * bytes.Wide;
    }

    /// <summary>Keys and values of all blocks for rows of a batch; with guidance an image has two.</summary>
    public static long Cache(LlamaGenConfiguration policy, long rows, NumberBytes bytes) =>
        2L * policy.Layers * rows * policy.KeyValueHeadCount * policy.HeadWidth * PolicyOperations.Positions(policy) * bytes.Weight;

    private static long Inputs(LlamaGenConfiguration policy, long images, NumberBytes bytes) =>
        images * PolicyOperations.Positions(policy) * policy.Layers * (long)policy.Width * bytes.Weight;

    // The embedding's mask and sum, and the last norm: its input, wide, and two results.
    private static long KeptByEnds(LlamaGenConfiguration policy, NumberBytes bytes) => (4L * bytes.Weight + bytes.Wide) * policy.Width;

    private static long MaskRow(LlamaGenConfiguration policy) => policy.IsTextConditional ? PolicyOperations.Positions(policy) : 0;
}
