using System.Security.Cryptography;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>Images in memory; the same draw index always gives the same image, whatever its seed.</summary>
public sealed class TensorImageSource : IImageSource, IDisposable
{
    // A decoder's output overshoots by more than this, and is to be clamped; arithmetic in half precision does not.
    private const double Tolerance = 0.01;

    private readonly Tensor _images;
    private readonly Condition _condition;
    private bool _disposed;

    internal TensorImageSource(Tensor images, Condition condition)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(condition);
        if (images.dim() != 4 || images.shape[1] != 3 || images.shape.Any(side => side < 1))
            throw new ArgumentException($"Images must be (N, 3, H, W) with N, H, W ≥ 1, not ({string.Join(", ", images.shape)}).", nameof(images));
        if (!images.is_floating_point())
            throw new ArgumentException($"Images must be floating-point in [-1, 1], not {images.dtype}; for bytes, take x / 127.5 - 1.", nameof(images));
        if (images.shape[0] != condition.Count)
            throw new ArgumentException($"There are {images.shape[0]} images but {condition.Count} conditions.", nameof(condition));

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        Tensor copy = images.detach().to(ScalarType.Float32, CPU, copy: true).contiguous();
        double largest = copy.abs().max().item<float>();
        if (!(largest <= 1 + Tolerance))
            throw new ArgumentException($"Images must lie in [-1, 1]; the largest magnitude is {largest}. Clamp them, or take x / 127.5 - 1 of bytes.", nameof(images));

        _condition = condition.To(CPU);
        _images = copy.DetachFromDisposeScope();
        ImageSize = new ImageSize((int)copy.shape[2], (int)copy.shape[3]);
    }

    /// <inheritdoc/>
    public int Count => _condition.Count;

    /// <inheritdoc/>
    public ImageSize ImageSize { get; }

    /// <summary>True: nothing is gained by reading ahead.</summary>
    public bool IsInMemory => true;

    /// <summary>False: seeds decide nothing.</summary>
    public bool PixelsDependOnSeed => false;

    /// <summary>A hash of the images.</summary>
    public string Fingerprint
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int index = 0; index < Count; index++)
            {
                using Tensor image = _images.select(0, index);
                hash.AppendData(image.bytes);
            }

            return $"{ImageSize} {Convert.ToHexStringLower(hash.GetHashAndReset())}";
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A draw's index is not that of an image.</exception>
    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        ObjectDisposedException.ThrowIf(_disposed, this);
        int[] indices = [.. draws.Select(draw => draw.Index)];
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(draws), index, $"There is no such image; indices are from 0 to {Count - 1}.");
        }

        using Tensor rows = tensor(indices.Select(index => (long)index).ToArray(), dtype: ScalarType.Int64, device: CPU);
        return new ImageBatch(_images.index_select(0, rows), _condition.Select(indices));
    }

    /// <summary>Releases the images and their conditions.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _images.Dispose();
        _condition.Dispose();
    }
}
