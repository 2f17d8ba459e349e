using static TorchSharp.torch;

namespace VaPi;

/// <summary>The rewards of a chunk of samples. Owns its tensors.</summary>
public sealed class RewardBatch : IDisposable
{
    private static readonly IReadOnlyDictionary<string, Tensor> NoComponents = new Dictionary<string, Tensor>();

    /// <summary>Takes over the tensors.</summary>
    /// <param name="values">(N), float32: the reward of each sample.</param>
    /// <param name="components">Named parts of it for the step record, (N) each, unweighted; empty when it has no parts.</param>
    /// <param name="positionValues">(N, T), float32: the reward seen from each token position; null if it has none.</param>
    public RewardBatch(Tensor values, IReadOnlyDictionary<string, Tensor>? components = null, Tensor? positionValues = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        Values = values.DetachFromDisposeScope();
        Components = components ?? NoComponents;
        PositionValues = positionValues?.DetachFromDisposeScope();
        foreach (Tensor component in Components.Values)
            component.DetachFromDisposeScope();
    }

    /// <summary>(N), float32: the reward of each sample; higher is better.</summary>
    public Tensor Values { get; }

    /// <summary>Named, unweighted parts of the reward, (N) each.</summary>
    public IReadOnlyDictionary<string, Tensor> Components { get; }

    /// <summary>(N, T), float32: the reward seen from each token position, for localised credit; null if there is none.</summary>
    public Tensor? PositionValues { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        PositionValues?.Dispose();
        foreach (Tensor component in Components.Values)
            component.Dispose();
    }
}
