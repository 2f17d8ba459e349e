namespace VaPi.Study.BaseTraining;

/// <summary>An endless, seeded run of draws from a source.</summary>
internal sealed class Draws(IImageSource source, int batchSize, int seed)
{
    private readonly Random _random = new(seed);

    public IImageSource Source => source;

    public IReadOnlyList<ImageDraw> Next() => Next(batchSize);

    public IReadOnlyList<ImageDraw> Next(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new ImageDraw(_random.Next(source.Count), (ulong)_random.NextInt64()))];

    /// <summary>The images of the next draws. Belongs to the caller.</summary>
    public ImageBatch Read() => source.Read(Next());
}
