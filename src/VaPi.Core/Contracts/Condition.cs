using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// What the images of a batch are conditioned on: class labels, captions, nothing, or whatever a policy of one's own
/// understands. A condition owns its tensors and is immutable; each operation gives a new one that belongs to the caller.
/// </summary>
public abstract class Condition : IDisposable
{
    /// <summary>B, the number of images.</summary>
    public abstract int Count { get; }

    /// <summary>The conditions of some images, in the order and with the repetitions given.</summary>
    /// <param name="indices">Indices in 0 … <see cref="Count"/>-1.</param>
    public abstract Condition Select(IReadOnlyList<int> indices);

    /// <summary>This condition's images followed by those of another of the same kind.</summary>
    /// <exception cref="ArgumentException"><paramref name="other"/> is of another kind.</exception>
    public abstract Condition Concat(Condition other);

    /// <summary>A copy on the device.</summary>
    public abstract Condition To(Device device);

    /// <summary>As many images without a condition, for classifier-free guidance.</summary>
    public abstract Condition Unconditional();

    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the tensors of a derived condition.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
