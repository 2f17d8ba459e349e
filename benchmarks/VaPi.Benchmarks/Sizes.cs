using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks;

/// <summary>Models small enough for two CPU cores, in the published proportions of groups to images.</summary>
internal static class Sizes
{
    public const int Images = 4;
    public const int GroupSize = 8;
    public const int Tokens = 64;
    public const int Vocabulary = 1024;
    public const int Side = 32;

    public static LlamaGenConfiguration Policy { get; } = new()
    {
        Layers = 4,
        Heads = 4,
        Width = 128,
        VocabularySize = Vocabulary,
        GridSize = 8,
        Classes = 10,
        FeedForwardMultiple = 32,
    };

    /// <summary>32x32 pixels to 8x8 tokens.</summary>
    public static LlamaGenTokenizerConfiguration Tokenizer { get; } = new()
    {
        ImageSize = Side,
        BaseChannels = 32,
        ChannelMultipliers = [1, 1, 2],
        ResidualBlocks = 1,
        LatentChannels = 32,
        CodebookSize = Vocabulary,
    };

    public static ClassCondition Labels(int count) => new(Enumerable.Range(0, count).Select(index => (long)(index % Policy.Classes)));

    /// <returns>(…) tokens; belongs to the caller.</returns>
    public static Tensor RandomTokens(params long[] shape) => randint(0, Vocabulary, shape, ScalarType.Int64);

    /// <returns>(count, 3, side, side) in [-1, 1]; belongs to the caller.</returns>
    public static Tensor RandomImages(int count, int side = Side) => rand(count, 3, side, side).mul_(2).sub_(1);
}
