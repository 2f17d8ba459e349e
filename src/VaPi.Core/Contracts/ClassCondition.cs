using static TorchSharp.torch;

namespace VaPi;

/// <summary>Class labels, one an image.</summary>
public sealed class ClassCondition : Condition
{
    /// <summary>The label that stands for "no class".</summary>
    public const long NoClass = -1;

    // The labels a second time, so that they can be checked without waiting for a device.
    private readonly long[] _values;

    /// <summary>Makes a condition of labels on the CPU.</summary>
    /// <param name="labels">0 … classes-1, or <see cref="NoClass"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is below <see cref="NoClass"/>.</exception>
    public ClassCondition(IEnumerable<long> labels)
        : this(Checked(labels), CPU)
    {
    }

    private ClassCondition(long[] values, Device device)
        : this(values, Upload.Move(tensor(values, dtype: ScalarType.Int64, device: CPU), device))
    {
    }

    private ClassCondition(long[] values, Tensor labels)
    {
        _values = values;
        Labels = labels.DetachFromDisposeScope();
    }

    /// <summary>(B), int64: the labels. Owned by the condition.</summary>
    public Tensor Labels { get; }

    /// <summary>The largest label, known without a look at the device; <see cref="NoClass"/> if there is none.</summary>
    public long LargestLabel => _values.DefaultIfEmpty(NoClass).Max();

    /// <inheritdoc/>
    public override int Count => _values.Length;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An index is not that of an image.</exception>
    public override Condition Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"There is no such image; indices are from 0 to {Count - 1}.");
        }

        return new ClassCondition([.. indices.Select(index => _values[index])], Labels.device);
    }

    /// <inheritdoc/>
    public override Condition Concat(Condition other) => other is ClassCondition classes
        ? new ClassCondition([.. _values, .. classes._values], cat([Labels, classes.Labels]))
        : throw new ArgumentException($"Class labels cannot be joined with a {other?.GetType().Name}.", nameof(other));

    /// <inheritdoc/>
    public override Condition To(Device device) => new ClassCondition(_values, Upload.Copy(Labels, device));

    /// <inheritdoc/>
    public override Condition Unconditional() => new ClassCondition([.. _values.Select(_ => NoClass)], full_like(Labels, NoClass));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Labels.Dispose();
        base.Dispose(disposing);
    }

    private static long[] Checked(IEnumerable<long> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        long[] values = [.. labels];
        foreach (long label in values)
        {
            if (label < NoClass)
                throw new ArgumentOutOfRangeException(nameof(labels), label, $"A label is a class from 0 upwards, or {NoClass} for no class.");
        }

        return values;
    }
}
