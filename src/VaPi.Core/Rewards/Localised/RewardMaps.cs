using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Where the rewards of a chunk of samples come from. Owns its tensors.</summary>
public sealed class RewardMaps : IDisposable
{
    /// <summary>Takes over the tensors.</summary>
    /// <param name="maps">One or more of (N, h, w), floating-point, each of a resolution of its own.</param>
    /// <exception cref="ArgumentException">There is no map, or one is null.</exception>
    public RewardMaps(params IReadOnlyList<Tensor> maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        if (maps.Count == 0 || maps.Contains(null))
            throw new ArgumentException("A reward with a place needs at least one map, and none that is null.", nameof(maps));
        Maps = [.. maps.Select(map => map.DetachFromDisposeScope())];
    }

    /// <summary>(N, h, w) each: a sample's reward is the sum over the maps of their mean over space; higher is better.</summary>
    public IReadOnlyList<Tensor> Maps { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor map in Maps)
            map.Dispose();
    }
}
