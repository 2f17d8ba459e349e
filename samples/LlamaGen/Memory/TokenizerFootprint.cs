using VaPi.Models.LlamaGen;

namespace LlamaGen.Memory;

/// <summary>
/// The most numbers that exist at a time while the tokenizer encodes or decodes one image: its layers are walked through with
/// the numbers of each output. Outputs of blocks and convolutions stay until the end, a block's own intermediate values until
/// its end, and a convolution copies its input and output to libtorch's blocked layout meanwhile.
/// </summary>
internal sealed class TokenizerFootprint
{
    private readonly LlamaGenTokenizerConfiguration _configuration;
    private long _kept;
    private long _peak;

    private TokenizerFootprint(LlamaGenTokenizerConfiguration configuration) => _configuration = configuration;

    /// <summary>The bytes to encode one image.</summary>
    public static long OfEncoding(LlamaGenTokenizerConfiguration configuration)
    {
        var footprint = new TokenizerFootprint(configuration);
        footprint.Encode();
        return footprint._peak * MemoryEstimate.Float;
    }

    /// <summary>The bytes to decode one image.</summary>
    public static long OfDecoding(LlamaGenTokenizerConfiguration configuration)
    {
        var footprint = new TokenizerFootprint(configuration);
        footprint.Decode();
        return footprint._peak * MemoryEstimate.Float;
    }

    private long Channels(int level) => (long)_configuration.BaseChannels * _configuration.ChannelMultipliers[level];

    // The pixels of a level: each halves both sides.
    private long Pixels(int level) => ((long)_configuration.ImageSize.Height >> level) * (_configuration.ImageSize.Width >> level);

    private void Encode()
    {
        int last = _configuration.ChannelMultipliers.Count - 1;
        long channels = _configuration.BaseChannels;
        Convolution(3, channels, Pixels(0));
        for (int level = 0; level <= last; level++)
        {
            for (int block = 0; block < _configuration.ResidualBlocks; block++)
            {
                Residual(channels, Channels(level), Pixels(level));
                channels = Channels(level);
                if (level == last)
                    Attention(channels, Pixels(level));
            }

            if (level == last)
                continue;
            Keep(channels * Pixels(level)); // padded
            Convolution(channels, channels, Pixels(level + 1), inputPixels: Pixels(level));
        }

        Middle(channels, Pixels(last));
        NormSwish(channels, Pixels(last));
        Convolution(channels, _configuration.LatentChannels, Pixels(last));
        Keep(((long)_configuration.CodebookWidth + _configuration.CodebookSize) * Pixels(last)); // vectors, and products with every codebook row
    }

    private void Decode()
    {
        int last = _configuration.ChannelMultipliers.Count - 1;
        long channels = Channels(last);
        Convolution(_configuration.CodebookWidth, _configuration.LatentChannels, Pixels(last));
        Convolution(_configuration.LatentChannels, channels, Pixels(last));
        Middle(channels, Pixels(last));
        for (int level = last; level >= 0; level--)
        {
            for (int block = 0; block <= _configuration.ResidualBlocks; block++)
            {
                Residual(channels, Channels(level), Pixels(level));
                channels = Channels(level);
                if (level == last)
                    Attention(channels, Pixels(level));
            }

            if (level == 0)
                continue;
            Keep(channels * Pixels(level - 1)); // doubled
            Convolution(channels, channels, Pixels(level - 1));
        }

        NormSwish(channels, Pixels(0));
        Convolution(channels, 3, Pixels(0));
    }

    private void Middle(long channels, long pixels)
    {
        Residual(channels, channels, pixels);
        Attention(channels, pixels);
        Residual(channels, channels, pixels);
    }

    // Two norms, two activations, two convolutions, the shortcut where channels change, and the sum.
    private void Residual(long from, long to, long pixels)
    {
        long shortcut = from == to ? 0 : to;
        Passing((2 * from + 4 * to + shortcut + 2 * to) * pixels); // the second convolution has its copies, or there is the sum
        Keep(to * pixels);
    }

    // The norm; queries, keys and values; what they mix, also as an image; the projection and the sum; and the products of all
    // pairs of pixels, before and after the softmax.
    private void Attention(long channels, long pixels)
    {
        Passing(8 * channels * pixels + 2 * pixels * pixels);
        Keep(channels * pixels);
    }

    private void NormSwish(long channels, long pixels) => Keep(2 * channels * pixels);

    private void Convolution(long from, long to, long pixels, long? inputPixels = null)
    {
        Keep(to * pixels);
        Passing(from * (inputPixels ?? pixels) + to * pixels);
    }

    private void Keep(long numbers)
    {
        _kept += numbers;
        _peak = Math.Max(_peak, _kept);
    }

    private void Passing(long numbers) => _peak = Math.Max(_peak, _kept + numbers);
}
