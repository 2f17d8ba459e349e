using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>How <see cref="TokenCodes.Extract"/> goes through a source.</summary>
public sealed class TokenExtractionOptions
{
    /// <summary>How many images are encoded at a time, from 1 to 65536. Default: 16.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>Where the tokenizer's weights are; the images are brought there. Default: null, the CPU.</summary>
    public Device? Device { get; set; }

    /// <summary>
    /// The share of the images, from 0 to 1, that may be unreadable; beyond it extraction fails, because something larger than
    /// a damaged file is wrong. Default: 0.05.
    /// </summary>
    public double MaximumUnreadableShare { get; set; } = 0.05;

    internal void ThrowIfInvalid(string parameterName)
    {
        if (BatchSize is < 1 or > 65536)
            throw new ArgumentException($"{nameof(TokenExtractionOptions)}: {nameof(BatchSize)} is {BatchSize}; it must be from 1 to 65536.", parameterName);
        if (!(MaximumUnreadableShare is >= 0 and <= 1))
            throw new ArgumentException($"{nameof(TokenExtractionOptions)}: {nameof(MaximumUnreadableShare)} is {MaximumUnreadableShare}; it must be from 0 to 1.", parameterName);
    }
}
