using System.Collections.Concurrent;
using VaPi.Data;

namespace VaPi.Tests.Toys;

/// <summary>Another source's images as if they came from elsewhere: reading can be watched, held up, and made to fail.</summary>
internal sealed class ToyImages(IImageSource inner, Action<IReadOnlyList<ImageDraw>>? before = null, params int[] unreadable) : IImageSource
{
    private int _reading;

    /// <summary>Every call's draws, failed calls included.</summary>
    public ConcurrentQueue<IReadOnlyList<ImageDraw>> Calls { get; } = new();

    /// <summary>The draws that were read.</summary>
    public ConcurrentQueue<IReadOnlyList<ImageDraw>> Batches { get; } = new();

    public ConcurrentQueue<Thread> Threads { get; } = new();

    public bool Overlapped { get; private set; }

    public bool IsInMemory { get; init; }

    public int Count => inner.Count;

    public ImageSize ImageSize => inner.ImageSize;

    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        Overlapped |= Interlocked.Increment(ref _reading) > 1;
        try
        {
            Calls.Enqueue([.. draws]);
            Threads.Enqueue(Thread.CurrentThread);
            before?.Invoke(draws);
            UnreadableImage[] failed = [.. draws.Select(draw => draw.Index).Distinct().Intersect(unreadable).Select(index => new UnreadableImage(index, $"image-{index}", "It is broken."))];
            if (failed.Length > 0)
                throw new ImageDataException($"Images {string.Join(", ", failed.Select(image => image.Index))} are broken.", failed);
            ImageBatch batch = inner.Read(draws);
            Batches.Enqueue([.. draws]);
            return batch;
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
        }
    }
}
