namespace VaPi.Models.LlamaGen.Costs;

/// <summary>What LPIPS's network costs: the 13 convolutions, 3x3, of VGG-16, whose five stages halve both sides between them.</summary>
internal static class LpipsNetwork
{
    // Features of all stages, for each pixel of the image: 64 + 128/4 + 256/16 + 512/64 + 512/256.
    private const long Features = 122;

    // The first stage's, the largest.
    private const long Finest = 64;

    private static readonly (int Convolutions, long Channels)[] Stages = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)];

    /// <summary>The numbers of its weights and biases.</summary>
    public static long ParameterCount => Convolutions(1).Sum(layer => layer.To * (9 * layer.From + 1));

    /// <summary>The operations of one image's features. The weighted sum of their differences is not worth counting.</summary>
    public static long Operations(ImageSize size) => Convolutions(size).Sum(layer => 2 * 9 * layer.From * layer.To * layer.Pixels);

    /// <summary>The bytes of a sample's features, their squares and the normalised ones, and one layer's differences and their squares.</summary>
    public static long SampleBytes(ImageSize size) => (3 * Features + 2 * Finest) * Pixels(size) * NumberBytes.Single;

    /// <summary>The bytes of an original's features, while its samples are scored.</summary>
    public static long OriginalBytes(ImageSize size) => Features * Pixels(size) * NumberBytes.Single;

    /// <summary>The bytes of an original's features, their squares and the normalised ones. The network's own outputs, 300 numbers, are fewer.</summary>
    public static long PreparingBytes(ImageSize size) => 3 * Features * Pixels(size) * NumberBytes.Single;

    private static IEnumerable<(long From, long To, long Pixels)> Convolutions(ImageSize size)
    {
        long from = 3;
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            (int convolutions, long to) = Stages[stage];
            long pixels = ((long)size.Height >> stage) * (size.Width >> stage);
            for (int layer = 0; layer < convolutions; layer++)
            {
                yield return (from, to, pixels);
                from = to;
            }
        }
    }

    private static long Pixels(ImageSize size) => (long)size.Height * size.Width;
}
