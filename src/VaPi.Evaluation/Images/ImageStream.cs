using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// Batches of images one after the other, as evaluations take them: (N, 3, H, W), float32, RGB in [-1, 1]. Each batch belongs to
/// whoever enumerates.
/// </summary>
public static class ImageStream
{
    /// <summary>The images of a tensor.</summary>
    /// <param name="images">(N, 3, H, W). Stays the caller's, and must live as long as the stream is read.</param>
    /// <param name="batchSize">Images of a batch, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    public static IEnumerable<Tensor> Of(Tensor images, int batchSize = 64)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Parts(images, batchSize);
    }

    /// <summary>The images of a source in their order, each once.</summary>
    /// <param name="source">Stays the caller's.</param>
    /// <param name="batchSize">Images of a batch, at least 1.</param>
    /// <param name="limit">The most images; null for all.</param>
    /// <param name="seed">Decides random crops and flips, with the image's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public static IEnumerable<Tensor> Of(IImageSource source, int batchSize = 64, int? limit = null, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit ?? 1, 1, nameof(limit));
        return Read(source, batchSize, Math.Min(source.Count, limit ?? source.Count), seed);
    }

    /// <summary>Uses batches one by one, without gradients, and disposes them.</summary>
    /// <exception cref="ArgumentException">A batch is not (N, 3, H, W) of floating-point numbers.</exception>
    internal static void ForEach(IEnumerable<Tensor> batches, Action<Tensor> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (Tensor given in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using Tensor batch = given;
            if (batch.dim() != 4 || batch.shape[1] != 3 || batch.shape[0] < 1 || !batch.is_floating_point())
            {
                throw new ArgumentException(
                    $"Batches of images must be floating-point (N, 3, H, W) in [-1, 1]; one is {batch.dtype} ({string.Join(", ", batch.shape)}).", nameof(batches));
            }

            using IDisposable gradients = no_grad();
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            use(batch.detach().to(ScalarType.Float32).clamp(-1, 1));
        }
    }

    private static IEnumerable<Tensor> Parts(Tensor images, int batchSize)
    {
        for (long done = 0; done < images.shape[0]; done += batchSize)
            yield return images.narrow(0, done, Math.Min(batchSize, images.shape[0] - done));
    }

    private static IEnumerable<Tensor> Read(IImageSource source, int batchSize, int count, ulong seed)
    {
        foreach (int[] indices in Enumerable.Range(0, count).Chunk(batchSize))
        {
            using ImageBatch batch = source.Read([.. indices.Select(index => new ImageDraw(index, unchecked(seed * 0x9E3779B97F4A7C15 + (ulong)index)))]);
            yield return batch.Images.alias();
        }
    }
}
