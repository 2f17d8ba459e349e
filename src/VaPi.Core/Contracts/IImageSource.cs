namespace VaPi;

/// <summary>
/// Images to align on, with their conditions. A source holds no position and no random state: what it reads is fixed by
/// the draw, so that order, resuming and decoding threads cannot change a run.
/// </summary>
/// <remarks>
/// A trainer reads ahead: <see cref="Read"/> is called on a thread of the trainer's own, one call at a time, also while a step
/// computes or no step is under way, until the trainer is disposed. Where <see cref="IsInMemory"/> is true it is called on the
/// step's thread, when the step needs the images. Either way it must leave libtorch's global random generator alone, which is
/// the step's. A source that is read elsewhere too while a trainer has it (measured on during the run, or given to a second
/// trainer) must take calls from several threads at once, as <c>ImageFolder</c> does.
/// </remarks>
public interface IImageSource
{
    /// <summary>The number of images; at least 1.</summary>
    int Count { get; }

    /// <summary>The size of every image it reads.</summary>
    ImageSize ImageSize { get; }

    /// <summary>
    /// Whether reading merely copies tensors that are in memory already. Reading ahead then gains nothing, and tensor code on
    /// a second thread would compete with the step's for the cores, so it is not done. False unless a source says otherwise.
    /// </summary>
    bool IsInMemory => false;

    /// <summary>
    /// Whether an image may look different from draw to draw, because <see cref="ImageDraw.Seed"/> decides its crop or flip.
    /// Tokens that were extracted once stand only for images that do not. True unless a source says otherwise.
    /// </summary>
    bool PixelsDependOnSeed => true;

    /// <summary>
    /// Identifies the images, their order and how they are read, wherever they lie: the same text for the same images. What
    /// was computed of them once is told by it. Null if the source has none; then only the number of images tells. It may
    /// take a moment to compute.
    /// </summary>
    string? Fingerprint => null;

    /// <summary>Reads images.</summary>
    /// <param name="draws">Which images, in order; the same draw always gives the same pixels.</param>
    /// <returns>As many images as draws, on the CPU. Belongs to the caller.</returns>
    /// <exception cref="IOException">
    /// An image cannot be read; the message names it. A <c>VaPi.Data.ImageDataException</c> that lists the images it is about as
    /// <c>Unreadable</c> lets a trainer pass over them and ask again without them; any other exception fails the step.
    /// </exception>
    ImageBatch Read(IReadOnlyList<ImageDraw> draws);
}
