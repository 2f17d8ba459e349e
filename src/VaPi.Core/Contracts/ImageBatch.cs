using static TorchSharp.torch;

namespace VaPi;

/// <summary>Images with their conditions. Owns both.</summary>
public sealed class ImageBatch : IDisposable
{
    /// <summary>Takes over the tensor and the condition.</summary>
    /// <param name="images">(B, 3, H, W), float32, RGB in [-1, 1].</param>
    /// <param name="condition">The condition of each of the B images.</param>
    /// <exception cref="ArgumentException">The shape is not (B, 3, H, W) or the counts differ.</exception>
    public ImageBatch(Tensor images, Condition condition)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(condition);
        if (images.dim() != 4 || images.shape[1] != 3)
            throw new ArgumentException($"Images must be (B, 3, H, W), not ({string.Join(", ", images.shape)}).", nameof(images));
        if (images.shape[0] != condition.Count)
            throw new ArgumentException($"There are {images.shape[0]} images but {condition.Count} conditions.", nameof(condition));
        Images = images.DetachFromDisposeScope();
        Condition = condition;
    }

    /// <summary>(B, 3, H, W), float32, RGB in [-1, 1].</summary>
    public Tensor Images { get; }

    /// <summary>The condition of each image.</summary>
    public Condition Condition { get; }

    /// <summary>B, the number of images.</summary>
    public int Count => Condition.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Condition.Dispose();
    }
}
