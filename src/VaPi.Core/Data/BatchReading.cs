using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>
/// Reads the images of draws into one tensor, several at a time: decoded, cropped, mirrored. What cannot be read is gathered
/// and reported together. The same draws give the same images and the same exception however many threads there are.
/// </summary>
internal sealed class BatchReading(ImageSize size, ImageSourceOptions options, Func<int, string> pathOf, Func<int, PixelBuffer> decode)
{
    // The order of an image's random decisions is part of what a seed means: do not renumber. Cropping has the others, and
    // captions one.
    private const uint FlipCounter = 0;

    /// <summary>Reads a batch.</summary>
    /// <param name="draws">Which images.</param>
    /// <param name="count">How many images the source has.</param>
    /// <param name="before">Reads what else belongs to a draw, by its position in the batch, on any thread; it may fail as an image may.</param>
    /// <returns>(B, 3, H, W), float32. Belongs to the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A draw's index is not that of an image.</exception>
    /// <exception cref="ImageDataException">Images cannot be read; all of the draws' are listed, in the order of the draws.</exception>
    public Tensor Read(IReadOnlyList<ImageDraw> draws, int count, Action<int>? before = null)
    {
        ArgumentNullException.ThrowIfNull(draws);
        for (int i = 0; i < draws.Count; i++)
        {
            if ((uint)draws[i].Index >= (uint)count)
                throw new ArgumentOutOfRangeException(nameof(draws), draws[i].Index, $"Draw {i} asks for an image that does not exist; indices are from 0 to {count - 1}.");
        }

        Tensor images = empty([draws.Count, 3, size.Height, size.Width], ScalarType.Float32, CPU);
        try
        {
            Fill(images, draws, before);
            return images.DetachFromDisposeScope();
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    private void Fill(Tensor images, IReadOnlyList<ImageDraw> draws, Action<int>? before)
    {
        var failures = new Exception?[draws.Count];
        void ReadOne(int i, ParallelLoopState? state)
        {
            try
            {
                before?.Invoke(i);
                ReadInto(images, i, draws[i]);
            }
#pragma warning disable CA1031 // It is thrown again below, by the order of the draws and not of the threads.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failures[i] = exception;
                if (exception is not IOException)
                    state?.Break();
            }
        }

        int threads = Math.Min(options.Threads, draws.Count);
        if (threads > 1)
        {
            Parallel.For(0, draws.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, ReadOne);
        }
        else
        {
            for (int i = 0; i < draws.Count; i++)
                ReadOne(i, null);
        }

        // Breaking lets all earlier draws finish, so the first failure is the same however the threads ran.
        if (Array.Find(failures, failure => failure is not (null or IOException)) is { } unexpected)
            ExceptionDispatchInfo.Throw(unexpected);
        ThrowIfUnreadable(draws, failures);
    }

    private void ThrowIfUnreadable(IReadOnlyList<ImageDraw> draws, Exception?[] failures)
    {
        Exception[] reasons = [.. failures.OfType<Exception>()];
        if (reasons.Length == 0)
            return;
        List<UnreadableImage> unreadable = [];
        for (int i = 0; i < failures.Length; i++)
        {
            int index = draws[i].Index;
            if (failures[i] is { } failure && !unreadable.Exists(image => image.Index == index))
                unreadable.Add(new UnreadableImage(index, pathOf(index), failure.Message));
        }

        string message = unreadable.Count == 1
            ? unreadable[0].Reason
            : $"{unreadable.Count} images cannot be read: {string.Join(' ', unreadable.Take(3).Select(image => image.Reason))}{(unreadable.Count > 3 ? " …" : "")}";
        throw new ImageDataException(message, unreadable, reasons[0]);
    }

    private void ReadInto(Tensor images, int position, ImageDraw draw)
    {
        var random = new SeededRandom(draw.Seed);
        using PixelBuffer image = decode(draw.Index);
        if (options.RejectSmaller && (image.Height < size.Height || image.Width < size.Width))
        {
            string path = pathOf(draw.Index);
            throw new ImageDataException(
                $"The image '{path}' has {image.Height}x{image.Width} pixels, less than the {size} that are needed, and {nameof(ImageSourceOptions.RejectSmaller)} is set.", path);
        }

        using PixelBuffer crop = options.Crop.Apply(image, size, random);
        using Tensor destination = images.select(0, position);
        PixelTensors.Write(crop, destination, random.Uniform(FlipCounter) < options.FlipProbability);
    }
}
