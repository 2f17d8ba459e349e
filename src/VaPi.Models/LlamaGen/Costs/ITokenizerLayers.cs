namespace VaPi.Models.LlamaGen.Costs;

/// <summary>Is told the tokenizer's layers for one image, in the order in which they run (<see cref="TokenizerWalk"/>).</summary>
internal interface ITokenizerLayers
{
    /// <summary>A convolution of <paramref name="from"/> to <paramref name="to"/> channels.</summary>
    /// <param name="from">Channels of its input.</param>
    /// <param name="to">Channels of its output.</param>
    /// <param name="kernel">Pixels of the kernel's side.</param>
    /// <param name="inputPixels">Of its input.</param>
    /// <param name="pixels">Of its output.</param>
    void Convolution(long from, long to, int kernel, long inputPixels, long pixels);

    /// <summary>A copy with other pixels: padded, or every pixel twice in both directions.</summary>
    void Resized(long channels, long pixels);

    /// <summary>Two norms, activations and 3x3 convolutions, the 1x1 shortcut where channels change, and the sum.</summary>
    void Residual(long from, long to, long pixels);

    /// <summary>A norm, four 1x1 convolutions, and the two products over all pairs of pixels.</summary>
    void Attention(long channels, long pixels);

    /// <summary>A norm and its activation.</summary>
    void NormSwish(long channels, long pixels);

    /// <summary>The products of every pixel's vector with every row of the codebook.</summary>
    void Codebook(long width, long rows, long pixels);
}
