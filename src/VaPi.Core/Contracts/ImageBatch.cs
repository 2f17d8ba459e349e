using static TorchSharp.torch;

namespace VaPi;

/// <summary>Images with their conditions and, where they are known already, their tokens. Owns all of them.</summary>
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

    /// <summary>Takes over the tensors and the condition.</summary>
    /// <param name="images">(B, 3, H, W), float32, RGB in [-1, 1].</param>
    /// <param name="condition">The condition of each of the B images.</param>
    /// <param name="tokens">(B, T), int64: the images' own tokens.</param>
    /// <param name="tokenizerFingerprint">The <see cref="ITokenizer.Fingerprint"/> of the tokenizer that made them; no other may use them.</param>
    /// <exception cref="ArgumentException">A shape or type is not as described, or the counts differ.</exception>
    public ImageBatch(Tensor images, Condition condition, Tensor tokens, string tokenizerFingerprint)
        : this(images, condition)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentException.ThrowIfNullOrEmpty(tokenizerFingerprint);
        if (tokens.dim() != 2 || tokens.shape[0] != images.shape[0] || tokens.dtype != ScalarType.Int64)
            throw new ArgumentException($"Tokens must be Int64 ({images.shape[0]}, T), not {tokens.dtype} ({string.Join(", ", tokens.shape)}).", nameof(tokens));
        Tokens = tokens.DetachFromDisposeScope();
        TokenizerFingerprint = tokenizerFingerprint;
    }

    /// <summary>(B, 3, H, W), float32, RGB in [-1, 1].</summary>
    public Tensor Images { get; }

    /// <summary>The condition of each image.</summary>
    public Condition Condition { get; }

    /// <summary>(B, T), int64: the images' own tokens, where they need not be computed again; otherwise null.</summary>
    public Tensor? Tokens { get; }

    /// <summary>The <see cref="ITokenizer.Fingerprint"/> of the tokenizer that made <see cref="Tokens"/>; null without them.</summary>
    public string? TokenizerFingerprint { get; }

    /// <summary>B, the number of images.</summary>
    public int Count => Condition.Count;

    /// <summary>A copy on the device. To a GPU it is made without waiting for what that is still doing.</summary>
    /// <returns>Belongs to the caller.</returns>
    public ImageBatch To(Device device) => Tokens is null
        ? new ImageBatch(Upload.Copy(Images, device), Condition.To(device))
        : new ImageBatch(Upload.Copy(Images, device), Condition.To(device), Upload.Copy(Tokens, device), TokenizerFingerprint!);

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Condition.Dispose();
        Tokens?.Dispose();
    }
}
