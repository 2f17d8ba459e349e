using VaPi;

namespace QuickStart.Photographs;

/// <summary>An endless, seeded run of batches from a source of crops.</summary>
internal sealed class CropBatches(IImageSource source, int batchSize, int seed)
{
    private readonly Random _random = new(seed);

    public ImageBatch Next() =>
        source.Read([.. Enumerable.Range(0, batchSize).Select(_ => new ImageDraw(_random.Next(source.Count), (ulong)_random.NextInt64()))]);
}
