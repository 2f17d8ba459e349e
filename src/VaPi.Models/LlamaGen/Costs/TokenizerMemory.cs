namespace VaPi.Models.LlamaGen.Costs;

/// <summary>
/// The most numbers that exist at a time while the tokenizer encodes or decodes one image: its layers are walked through with
/// the numbers of each output. Outputs of blocks and convolutions stay until the end, a block's own intermediate values until
/// its end, and a convolution copies its input and output to libtorch's blocked layout meanwhile.
/// </summary>
internal sealed class TokenizerMemory : ITokenizerLayers
{
    private long _kept;
    private long _peak;

    private TokenizerMemory()
    {
    }

    /// <summary>The bytes to encode one image.</summary>
    public static long Encode(LlamaGenTokenizerConfiguration configuration)
    {
        var counted = new TokenizerMemory();
        new TokenizerWalk(configuration).Encode(counted);
        return counted._peak * NumberBytes.Single;
    }

    /// <summary>The bytes to decode one image.</summary>
    public static long Decode(LlamaGenTokenizerConfiguration configuration)
    {
        var counted = new TokenizerMemory();
        new TokenizerWalk(configuration).Decode(counted);
        return counted._peak * NumberBytes.Single;
    }

    public void Convolution(long from, long to, int kernel, long inputPixels, long pixels)
    {
        Keep(to * pixels);
        Passing(from * inputPixels + to * pixels);
    }

    public void Resized(long channels, long pixels) => Keep(channels * pixels);

    public void Residual(long from, long to, long pixels)
    {
        long shortcut = from == to ? 0 : to;
        Passing((2 * from + 4 * to + shortcut + 2 * to) * pixels); // the second convolution has its copies, or there is the sum
        Keep(to * pixels);
    }

    // The norm; queries, keys and values; what they mix, also as an image; the projection and the sum; and the products of all
    // pairs of pixels, before and after the softmax.
    public void Attention(long channels, long pixels)
    {
        Passing(8 * channels * pixels + 2 * pixels * pixels);
        Keep(channels * pixels);
    }

    public void NormSwish(long channels, long pixels) => Keep(2 * channels * pixels);

    public void Codebook(long width, long rows, long pixels) => Keep((width + rows) * pixels); // vectors of length one, and the products

    private void Keep(long numbers)
    {
        _kept += numbers;
        _peak = Math.Max(_peak, _kept);
    }

    private void Passing(long numbers) => _peak = Math.Max(_peak, _kept + numbers);
}
