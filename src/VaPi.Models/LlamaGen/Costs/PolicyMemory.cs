namespace VaPi.Models.LlamaGen.Costs;

/// <summary>The bytes that a policy's forward passes take, for D the width, F the feed-forward width, H the heads and L the layers.</summary>
internal static class PolicyMemory
{
    // The logits that the library lets exist at a time, and tensors of their size: the logits, their softmax, the gradient,
    // and one for what the head or the drawing does with them.
    private const long LogitsPerChunk = 4L << 20;
    private const int TensorsOfLogits = 4;

    /// <summary>
    /// The numbers that a block keeps for its backward pass at one position. Each of two norms: its input, the normalised input
    /// and that times the weight, 6 D. Attention: projected queries, keys and values, the turned queries and keys, the mixture
    /// and its logarithms of sums, 6 D + H. Feed-forward: gate, activated gate, up, product, 4 F. Dropout's two masks, 2 D. With
    /// captions, a row of the mask, S.
    /// </summary>
    /// <param name="policy">Its shape.</param>
    /// <param name="drops">Whether there is dropout in the pass.</param>
    public static long KeptByBlock(LlamaGenConfiguration policy, bool drops) =>
        (drops ? 14L : 12L) * policy.Width + policy.Heads + 4L * policy.FeedForwardWidth + (policy.IsTextConditional ? PolicyOperations.Positions(policy) : 0);

    /// <summary>As <see cref="KeptByBlock"/> has it.</summary>
    public static string KeptByBlockText(LlamaGenConfiguration policy, bool drops) =>
        $"{(drops ? 14 : 12)} D + H + 4 F{(policy.IsTextConditional ? " + S" : "")}";

    /// <summary>Activations that wait for the backward pass: every block's, the embedding with its mask, and the last norm's.</summary>
    public static long Training(LlamaGenConfiguration policy, long images, bool drops, int bytes) =>
        images * PolicyOperations.Positions(policy) * (policy.Layers * KeptByBlock(policy, drops) + 5L * policy.Width) * bytes;

    /// <summary>A forward pass without gradients: every block's output, and one block at work.</summary>
    public static long Forward(LlamaGenConfiguration policy, long images, int bytes) =>
        images * PolicyOperations.Positions(policy) * (policy.Layers * (long)policy.Width + KeptByBlock(policy, drops: false) + 5L * policy.Width) * bytes;

    /// <summary>The logits of a chunk of positions, float32.</summary>
    public static long LogitsChunk(LlamaGenConfiguration policy, long images, int? positions)
    {
        long ofPosition = images * policy.VocabularySize;
        long atATime = positions is { } chosen ? chosen * ofPosition : Math.Max(LogitsPerChunk, ofPosition);
        return TensorsOfLogits * Math.Min(atATime, policy.TokenCount * ofPosition) * NumberBytes.Single;
    }

    /// <summary>Keys and values of all blocks for rows of a batch; with guidance an image has two.</summary>
    public static long Cache(LlamaGenConfiguration policy, long rows, int bytes) =>
        2L * policy.Layers * rows * policy.KeyValueHeadCount * policy.HeadWidth * PolicyOperations.Positions(policy) * bytes;
}
