using VaPi.Models.LlamaGen;

namespace QuickStart.Models;

/// <summary>The shapes and file names of the three small networks that come with the sample.</summary>
internal static class SmallModels
{
    public const int ImageSize = 32;
    public const string TokenizerFile = "tokenizer.safetensors";
    public const string PolicyFile = "policy.safetensors";
    public const string FeaturesFile = "features.safetensors";

    /// <summary>32x32 pixels to 8x8 tokens out of 256.</summary>
    public static LlamaGenTokenizerConfiguration Tokenizer { get; } = new()
    {
        ImageSize = ImageSize,
        BaseChannels = 32,
        ChannelMultipliers = [1, 1, 2],
        ResidualBlocks = 1,
        LatentChannels = 32,
        CodebookSize = 256,
        CodebookWidth = 8,
    };

    /// <summary>A transformer of 0.14 M parameters.</summary>
    public static LlamaGenConfiguration Policy(int classes) => new()
    {
        Layers = 2,
        Heads = 4,
        Width = 64,
        VocabularySize = 256,
        GridSize = 8,
        Classes = classes,
        FeedForwardMultiple = 32,
    };
}
