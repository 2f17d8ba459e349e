using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Files;

/// <summary>
/// Writes images batch by batch as the field's evaluators read them: a <c>.npz</c> whose array <c>arr_0</c> is (N, H, W, 3) of
/// bytes, trunc(127.5 x + 128) of a value x. The file is there once <see cref="Complete"/> was called.
/// </summary>
public sealed class SampleArchiveWriter : IDisposable
{
    private readonly FileStream _pixels;
    private readonly string _path;
    private long _count;
    private long[]? _size;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The file, replaced in one step if it is there; its folder exists, and has room for the images twice.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public SampleArchiveWriter(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;

        // An array begins with its shape, so the images wait beside it until their number is known.
        _pixels = new FileStream(
            $"{path}.{Guid.NewGuid():N}.tmp", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.DeleteOnClose);
    }

    /// <summary>Adds images.</summary>
    /// <param name="images">(N, 3, H, W), floating-point, in [-1, 1] (values beyond are clamped), always of one size. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The shape is not as described, or a value is NaN.</exception>
    /// <exception cref="IOException">The disk is full, or cannot be written to.</exception>
    public void Add(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4 || images.shape[1] != 3 || !images.is_floating_point() || (_size is not null && !images.shape.AsSpan(2).SequenceEqual(_size)))
        {
            string size = _size is null ? "H, W" : string.Join(", ", _size);
            throw new ArgumentException($"Images must be floating-point (N, 3, {size}); they are {images.dtype} ({string.Join(", ", images.shape)}).", nameof(images));
        }

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor levels = (images.detach().to(ScalarType.Float32, CPU) * 127.5).add_(128).clamp_(0, 255);
        if (levels.isnan().any().item<bool>())
            throw new ArgumentException("Images must be numbers; a value is NaN.", nameof(images));
        Tensor bytes = levels.to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous(); // (N, H, W, 3)
        foreach (Tensor image in bytes.unbind())
            _pixels.Write(image.bytes);
        _size = images.shape[2..];
        _count += images.shape[0];
    }

    /// <summary>Puts the file in its place.</summary>
    /// <exception cref="InvalidOperationException">There are no images.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Complete()
    {
        if (_size is null)
            throw new InvalidOperationException("There are no images to write; add some first.");
        using var archive = new ArrayArchive(_path);
        _pixels.Position = 0;
        archive.Add(SampleArchive.Images, "|u1", [_count, .. _size, 3], _pixels.CopyTo);
        archive.Commit();
    }

    /// <summary>Ends writing; without <see cref="Complete"/> nothing stays.</summary>
    public void Dispose() => _pixels.Dispose();
}
