using static TorchSharp.torch;

namespace VaPi;

/// <summary>Class labels, one an image.</summary>
public sealed class ClassCondition : Condition
{
    /// <summary>The label that stands for "no class".</summary>
    public const long NoClass = -1;

    /// <summary>Makes a condition of labels on the CPU.</summary>
    /// <param name="labels">0 … classes-1, or <see cref="NoClass"/>.</param>
    public ClassCondition(IEnumerable<long> labels)
        : this(tensor(labels.ToArray(), dtype: ScalarType.Int64).DetachFromDisposeScope())
    {
    }

    private ClassCondition(Tensor labels) => Labels = labels;

    /// <summary>(B), int64: the labels. Owned by the condition.</summary>
    public Tensor Labels { get; }

    /// <inheritdoc/>
    public override int Count => (int)Labels.shape[0];

    /// <inheritdoc/>
    public override Condition Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        using Tensor rows = tensor(indices.Select(index => (long)index).ToArray(), device: Labels.device);
        return new ClassCondition(Labels.index_select(0, rows).DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public override Condition Concat(Condition other) => other is ClassCondition classes
        ? new ClassCondition(cat([Labels, classes.Labels]).DetachFromDisposeScope())
        : throw new ArgumentException($"Class labels cannot be joined with a {other?.GetType().Name}.", nameof(other));

    /// <inheritdoc/>
    public override Condition To(Device device) => new ClassCondition(Labels.to(device, copy: true).DetachFromDisposeScope());

    /// <inheritdoc/>
    public override Condition Unconditional() => new ClassCondition(full_like(Labels, NoClass).DetachFromDisposeScope());

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Labels.Dispose();
        base.Dispose(disposing);
    }
}
