using VaPi.Models.LlamaGen;

namespace LlamaGen.Models;

/// <summary>The sizes by the names that the published files have, and one to try the program with.</summary>
internal static class ModelSizes
{
    public const string Tiny = "tiny";
    public const int TinyImage = 32;

    private const int TinyCodebook = 256;

    private static readonly Dictionary<string, LlamaGenSize> Published = new()
    {
        ["B"] = LlamaGenSize.B,
        ["L"] = LlamaGenSize.L,
        ["XL"] = LlamaGenSize.XL,
        ["XXL"] = LlamaGenSize.XXL,
        ["XXXL"] = LlamaGenSize.XXXL,
        ["1B"] = LlamaGenSize.Billion1,
        ["3B"] = LlamaGenSize.Billion3,
        ["7B"] = LlamaGenSize.Billion7,
    };

    public static IReadOnlyList<string> Names { get; } = [Tiny, .. Published.Keys];

    /// <summary>The name of a published shape; "custom" for others.</summary>
    public static string NameOf(LlamaGenConfiguration policy) =>
        Published.FirstOrDefault(size => LlamaGenConfiguration.Of(size.Value) is { } known && (known.Layers, known.Width) == (policy.Layers, policy.Width)).Key ?? "custom";

    public static LlamaGenConfiguration Policy(string name, int gridSize) => name == Tiny
        ? new LlamaGenConfiguration { Layers = 2, Heads = 4, Width = 64, VocabularySize = TinyCodebook, GridSize = gridSize, FeedForwardMultiple = 32 }
        : LlamaGenConfiguration.Of(Published[name], gridSize);

    public static LlamaGenTokenizerConfiguration Tokenizer(string name, int imageSize) => name == Tiny
        ? new LlamaGenTokenizerConfiguration
        {
            ImageSize = imageSize,
            BaseChannels = 32,
            ChannelMultipliers = [1, 1, 2],
            ResidualBlocks = 1,
            LatentChannels = 32,
            CodebookSize = TinyCodebook,
        }
        : LlamaGenTokenizerConfiguration.Vq16(imageSize);
}
