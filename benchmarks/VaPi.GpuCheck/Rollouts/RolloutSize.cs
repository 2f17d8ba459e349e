using VaPi.Models.LlamaGen;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>The shapes of a policy and its tokenizer.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Policy">The policy's.</param>
/// <param name="Tokenizer">The tokenizer's.</param>
internal sealed record RolloutSize(string Name, LlamaGenConfiguration Policy, LlamaGenTokenizerConfiguration Tokenizer)
{
    private static readonly RolloutSize[] s_all =
    [
        new(
            "small",
            new LlamaGenConfiguration { Layers = 2, Heads = 4, Width = 64, VocabularySize = 512, GridSize = 4, Classes = 1000, FeedForwardMultiple = 32 },
            new LlamaGenTokenizerConfiguration { ImageSize = 32, BaseChannels = 32, ChannelMultipliers = [1, 1, 2, 2], ResidualBlocks = 1, LatentChannels = 32, CodebookSize = 512 }),
        Published("B256", LlamaGenSize.B, 256),
        Published("XL384", LlamaGenSize.XL, 384),
        Published("XXL384", LlamaGenSize.XXL, 384),
    ];

    /// <exception cref="ArgumentException">There is no such size.</exception>
    public static RolloutSize Of(string name) =>
        s_all.FirstOrDefault(size => size.Name == name)
        ?? throw new ArgumentException($"--sizes names '{name}' but must be of {string.Join(", ", s_all.Select(size => size.Name))}.");

    // VQ-16: a token for 16 x 16 pixels.
    private static RolloutSize Published(string name, LlamaGenSize size, int side) =>
        new(name, LlamaGenConfiguration.Of(size, side / 16), new LlamaGenTokenizerConfiguration { ImageSize = side });
}
