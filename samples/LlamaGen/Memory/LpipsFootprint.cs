using VaPi;

namespace LlamaGen.Memory;

/// <summary>The bytes that LPIPS takes, in numbers for each pixel of an image.</summary>
internal static class LpipsFootprint
{
    /// <summary>VGG-16's weights: 3x3 convolutions of its 13 layers, with biases.</summary>
    public const long Weights = 14_714_688L * MemoryEstimate.Float;

    // Of the five layers: 64 + 128/4 + 256/16 + 512/64 + 512/256.
    private const long Features = 122;

    // The largest layer's.
    private const long Finest = 64;

    /// <summary>A sample's features, their squares and the normalised ones, and one layer's differences and their squares.</summary>
    public static long Sample(ImageSize size) => (3 * Features + 2 * Finest) * Pixels(size) * MemoryEstimate.Float;

    /// <summary>An original's features, while its samples are scored.</summary>
    public static long Original(ImageSize size) => Features * Pixels(size) * MemoryEstimate.Float;

    /// <summary>An original's features, their squares and the normalised ones. The network's own outputs, 300 numbers, are fewer.</summary>
    public static long Preparing(ImageSize size) => 3 * Features * Pixels(size) * MemoryEstimate.Float;

    private static long Pixels(ImageSize size) => (long)size.Height * size.Width;
}
