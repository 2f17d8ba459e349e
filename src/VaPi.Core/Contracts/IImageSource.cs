namespace VaPi;

/// <summary>
/// Images to align on, with their conditions. A source holds no position and no random state: what it reads is fixed by
/// the draw, so that order, resuming and decoding threads cannot change a run.
/// </summary>
public interface IImageSource
{
    /// <summary>The number of images; at least 1.</summary>
    int Count { get; }

    /// <summary>The size of every image it reads.</summary>
    ImageSize ImageSize { get; }

    /// <summary>Reads images.</summary>
    /// <param name="draws">Which images, in order; the same draw always gives the same pixels.</param>
    /// <returns>As many images as draws, on the CPU. Belongs to the caller.</returns>
    /// <exception cref="IOException">An image cannot be read; the message names it.</exception>
    ImageBatch Read(IReadOnlyList<ImageDraw> draws);
}
