using VaPi.Models.LlamaGen;

namespace VaPi.Study.Worlds;

/// <summary>The shape that the worlds' policies share: 8x8 tokens out of 256, about a million parameters.</summary>
internal static class WorldPolicies
{
    public static LlamaGenConfiguration Shape { get; } = new()
    {
        Layers = 5,
        Heads = 4,
        Width = 128,
        VocabularySize = 256,
        GridSize = 8,
        FeedForwardMultiple = 32,
    };
}
