namespace VaPi.Models.LlamaGen.Costs;

/// <summary>Walks through the layers of the tokenizer as <see cref="VqEncoder"/> and <see cref="VqDecoder"/> run them.</summary>
internal sealed class TokenizerWalk(LlamaGenTokenizerConfiguration configuration)
{
    private int Coarsest => configuration.ChannelMultipliers.Count - 1;

    /// <summary>Image to token.</summary>
    public void Encode(ITokenizerLayers layers)
    {
        long channels = configuration.BaseChannels;
        layers.Convolution(3, channels, 3, Pixels(0), Pixels(0));
        for (int level = 0; level <= Coarsest; level++)
        {
            channels = Residuals(layers, channels, level, configuration.ResidualBlocks);
            if (level == Coarsest)
                continue;
            layers.Resized(channels, Pixels(level)); // padded by a row and a column
            layers.Convolution(channels, channels, 3, Pixels(level), Pixels(level + 1));
        }

        long pixels = Pixels(Coarsest);
        Middle(layers, channels, pixels);
        layers.NormSwish(channels, pixels);
        layers.Convolution(channels, configuration.LatentChannels, 3, pixels, pixels);
        layers.Convolution(configuration.LatentChannels, configuration.CodebookWidth, 1, pixels, pixels);
        layers.Codebook(configuration.CodebookWidth, configuration.CodebookSize, pixels);
    }

    /// <summary>Codebook vectors to image; their lookup is free.</summary>
    public void Decode(ITokenizerLayers layers)
    {
        long channels = configuration.ChannelsAt(Coarsest);
        long coarse = Pixels(Coarsest);
        layers.Convolution(configuration.CodebookWidth, configuration.LatentChannels, 1, coarse, coarse);
        layers.Convolution(configuration.LatentChannels, channels, 3, coarse, coarse);
        Middle(layers, channels, coarse);
        for (int level = Coarsest; level >= 0; level--)
        {
            channels = Residuals(layers, channels, level, configuration.ResidualBlocks + 1);
            if (level == 0)
                continue;
            layers.Resized(channels, Pixels(level - 1)); // doubled
            layers.Convolution(channels, channels, 3, Pixels(level - 1), Pixels(level - 1));
        }

        layers.NormSwish(channels, Pixels(0));
        layers.Convolution(channels, 3, 3, Pixels(0), Pixels(0));
    }

    // Each level halves both sides.
    private long Pixels(int level) => ((long)configuration.ImageSize.Height >> level) * (configuration.ImageSize.Width >> level);

    /// <returns>The channels after them.</returns>
    private long Residuals(ITokenizerLayers layers, long channels, int level, int blocks)
    {
        for (int block = 0; block < blocks; block++)
        {
            layers.Residual(channels, configuration.ChannelsAt(level), Pixels(level));
            channels = configuration.ChannelsAt(level);
            if (level == Coarsest)
                layers.Attention(channels, Pixels(level));
        }

        return channels;
    }

    private static void Middle(ITokenizerLayers layers, long channels, long pixels)
    {
        layers.Residual(channels, channels, pixels);
        layers.Attention(channels, pixels);
        layers.Residual(channels, channels, pixels);
    }
}
