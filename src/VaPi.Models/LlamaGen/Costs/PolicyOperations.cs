namespace VaPi.Models.LlamaGen.Costs;

/// <summary>
/// The operations of a policy's passes over one context, which are those of one image: for D the width, F the feed-forward
/// width, K the key heads' width together, L the layers, S the positions, T the tokens and V the vocabulary. Looking up
/// embeddings is free.
/// </summary>
internal static class PolicyOperations
{
    /// <summary>S, the positions of one image's sequence: the condition's, and all tokens but the last.</summary>
    public static long Positions(LlamaGenConfiguration policy) => policy.ConditionTokens + policy.TokenCount - 1L;

    /// <summary>A forward pass with the head.</summary>
    public static long Forward(LlamaGenConfiguration policy) => Condition(policy) + Blocks(policy) + Head(policy);

    /// <summary>The blocks' part of a forward pass, which checkpointed activations make a second time for each backward pass.</summary>
    public static long Blocks(LlamaGenConfiguration policy) => Linear(policy) + Attention(policy);

    /// <summary>
    /// A backward pass with the head: each product has two in it, towards its weights and towards its input, of which the
    /// caption's features need none. That the head's forward runs again, chunk by chunk, is not necessary and not counted.
    /// </summary>
    public static long Backward(LlamaGenConfiguration policy) => 2 * Forward(policy) - FirstOfCondition(policy);

    /// <summary>The blocks' linear layers, 2 L S (D (D + 2 K) + D D + 3 D F): queries, keys and values, their projection, and gate, up and down.</summary>
    public static long Linear(LlamaGenConfiguration policy)
    {
        (long width, long feedForward) = (policy.Width, policy.FeedForwardWidth);
        long keys = (long)policy.KeyValueHeadCount * policy.HeadWidth;
        return 2 * policy.Layers * Positions(policy) * (width * (width + 2 * keys) + width * width + 3 * width * feedForward);
    }

    /// <summary>
    /// Queries with keys and weights with values, 2 L · 2 D · S (S + 1) / 2: each position sees those up to itself, so half of the
    /// square of positions is necessary. A caption's own mask would leave some of that out too; it is not counted on.
    /// </summary>
    public static long Attention(LlamaGenConfiguration policy)
    {
        long positions = Positions(policy);
        return 2L * policy.Layers * policy.Width * positions * (positions + 1);
    }

    /// <summary>The head over the tokens' positions, 2 T D V.</summary>
    public static long Head(LlamaGenConfiguration policy) => 2L * policy.TokenCount * policy.Width * policy.VocabularySize;

    /// <summary>A caption's two linear layers over its C places of W features, 2 C (W D + D D); a class is looked up.</summary>
    public static long Condition(LlamaGenConfiguration policy) =>
        FirstOfCondition(policy) + 2L * policy.CaptionPlaces * policy.Width * policy.Width;

    private static long FirstOfCondition(LlamaGenConfiguration policy) => 2L * policy.CaptionPlaces * policy.CaptionWidth * policy.Width;
}
