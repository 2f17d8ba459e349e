namespace VaPi.Models.LlamaGen.Costs;

/// <summary>The operations of the tokenizer on one image. A convolution's kernel counts whole at the image's border too.</summary>
internal sealed class TokenizerOperations : ITokenizerLayers
{
    private long _operations;

    private TokenizerOperations()
    {
    }

    /// <summary>One image to its tokens, with the products that find the nearest codebook rows.</summary>
    public static long Encode(LlamaGenTokenizerConfiguration configuration)
    {
        var counted = new TokenizerOperations();
        new TokenizerWalk(configuration).Encode(counted);
        return counted._operations;
    }

    /// <summary>One sample's tokens to its image.</summary>
    public static long Decode(LlamaGenTokenizerConfiguration configuration)
    {
        var counted = new TokenizerOperations();
        new TokenizerWalk(configuration).Decode(counted);
        return counted._operations;
    }

    public void Convolution(long from, long to, int kernel, long inputPixels, long pixels) => _operations += 2 * from * to * kernel * kernel * pixels;

    public void Resized(long channels, long pixels)
    {
        // Copying computes nothing.
    }

    public void Residual(long from, long to, long pixels)
    {
        Convolution(from, to, 3, pixels, pixels);
        Convolution(to, to, 3, pixels, pixels);
        if (from != to)
            Convolution(from, to, 1, pixels, pixels);
    }

    public void Attention(long channels, long pixels)
    {
        Convolution(channels, 4 * channels, 1, pixels, pixels); // queries, keys, values and their projection
        _operations += 2 * 2 * channels * pixels * pixels;
    }

    public void NormSwish(long channels, long pixels)
    {
        // Neither a product of matrices nor a convolution.
    }

    public void Codebook(long width, long rows, long pixels) => _operations += 2 * width * rows * pixels;
}
