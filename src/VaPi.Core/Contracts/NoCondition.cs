using static TorchSharp.torch;

namespace VaPi;

/// <summary>No condition: images of an unconditional policy.</summary>
public sealed class NoCondition : Condition
{
    /// <summary>Stands for <paramref name="count"/> images.</summary>
    public NoCondition(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override Condition Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new NoCondition(indices.Count);
    }

    /// <inheritdoc/>
    public override Condition Concat(Condition other) => other is NoCondition
        ? new NoCondition(Count + other.Count)
        : throw new ArgumentException($"An empty condition cannot be joined with a {other?.GetType().Name}.", nameof(other));

    /// <inheritdoc/>
    public override Condition To(Device device) => new NoCondition(Count);

    /// <inheritdoc/>
    public override Condition Unconditional() => new NoCondition(Count);
}
