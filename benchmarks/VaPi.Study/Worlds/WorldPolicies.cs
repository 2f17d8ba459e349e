using VaPi.Models.LlamaGen;

namespace VaPi.Study.Worlds;

/// <summary>What the worlds' policies share: 8x8 tokens out of 256, about a million parameters.</summary>
internal static class WorldPolicies
{
    /// <summary>The label smoothing of bases that are less sure than right.</summary>
    public const double LabelSmoothing = 0.15;

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
