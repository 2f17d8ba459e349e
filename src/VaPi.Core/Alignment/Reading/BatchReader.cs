using VaPi.Alignment.State;
using VaPi.Data;

namespace VaPi.Alignment.Reading;

/// <summary>
/// Reads batches one after the other in a given order. Images that the source reports as unreadable are passed over from
/// then on, and those that follow in the order take their places; so a batch is always the next images of the order that can
/// be read, whether or not it is known yet which cannot.
/// </summary>
/// <param name="images">The source.</param>
/// <param name="order">From where it begins.</param>
/// <param name="maximumUnreadableShare">The share of images that may be passed over.</param>
/// <param name="unreadable">Images that are passed over from the beginning.</param>
internal sealed class BatchReader(IImageSource images, DataOrder order, double maximumUnreadableShare, IEnumerable<UnreadableImage>? unreadable = null)
{
    private const int PathsInMessage = 3;

    private readonly Dictionary<int, UnreadableImage> _unreadable = (unreadable ?? []).ToDictionary(image => image.Index);

    /// <summary>Reads the next batch. If it fails nothing has changed, and the same batch can be asked for again.</summary>
    /// <param name="count">The images of the batch.</param>
    /// <param name="cancellationToken">Looked at between two calls of the source.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ImageDataException">More than the permitted share of the images cannot be read.</exception>
    public ReadBatch Next(int count, CancellationToken cancellationToken)
    {
        (long epoch, long position) = (order.Epoch, order.Position);
        var found = new List<UnreadableImage>();
        try
        {
            ImageBatch batch = ReadableOnes(count, found, cancellationToken);
            return new ReadBatch(batch, found, _unreadable.Count, order.Epoch, order.Position);
        }
        catch
        {
            // What failed may have been the disk or the network as a whole, and be well again when it is asked next.
            (order.Epoch, order.Position) = (epoch, position);
            found.ForEach(image => _unreadable.Remove(image.Index));
            throw;
        }
    }

    private ImageBatch ReadableOnes(int count, List<UnreadableImage> found, CancellationToken cancellationToken)
    {
        var draws = new List<ImageDraw>(count);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (draws.Count < count)
                draws.AddRange(order.Next(count - draws.Count).Where(draw => !_unreadable.ContainsKey(draw.Index)));
            try
            {
                return ReadAll(draws);
            }
            catch (ImageDataException failure)
            {
                List<UnreadableImage> failed = [.. failure.Unreadable.Where(image => draws.Exists(draw => draw.Index == image.Index))];
                if (failed.Count == 0)
                    throw;
                found.AddRange(failed.Where(image => _unreadable.TryAdd(image.Index, image)));
                ThrowIfTooMany(failure);
                draws.RemoveAll(draw => _unreadable.ContainsKey(draw.Index));
            }
        }
    }

    private ImageBatch ReadAll(List<ImageDraw> draws)
    {
        ImageBatch batch = images.Read(draws);
        if (batch.Count == draws.Count)
            return batch;
        using (batch)
            throw new InvalidOperationException($"{images.GetType().Name} was asked for {draws.Count} images and read {batch.Count}. An image source must read one for each draw.");
    }

    private void ThrowIfTooMany(ImageDataException failure)
    {
        int count = _unreadable.Count;
        double share = (double)count / images.Count;
        if (share <= maximumUnreadableShare && count < images.Count)
            return;
        string limit = count < images.Count
            ? $"at most a share of {maximumUnreadableShare} may be passed over. Mend or remove them, or raise {nameof(AlignmentOptions)}.{nameof(AlignmentOptions.MaximumUnreadableShare)}."
            : "so there is nothing to align on. Mend them, or give another folder.";
        string paths = string.Join(", ", _unreadable.Values.Take(PathsInMessage).Select(image => $"'{image.Path}'"));
        throw new ImageDataException(
            $"{count} of {images.Count} images ({share:P1}) cannot be read; {limit} The first are {paths}{(count > PathsInMessage ? ", …" : "")}. The last error: {failure.Message}",
            [.. _unreadable.Values],
            failure);
    }
}
