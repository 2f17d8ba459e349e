using TorchSharp;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Scores by distance in feature maps; the targets' features are computed once, not once a sample.</summary>
internal sealed class PerceptualScorer : IRewardScorer, ILocalRewardScorer
{
    private readonly Func<Tensor, IReadOnlyList<Tensor>> _extract;
    private readonly string _name;
    private readonly IReadOnlyList<Tensor> _targets;
    private readonly IReadOnlyList<Tensor>? _weights;

    /// <param name="name">The reward's name.</param>
    /// <param name="targets">(B, 3, H, W).</param>
    /// <param name="extract">Images to feature maps.</param>
    /// <param name="weights">One (C) a layer, or null for ones; stays the caller's.</param>
    public PerceptualScorer(string name, Tensor targets, Func<Tensor, IReadOnlyList<Tensor>> extract, IReadOnlyList<Tensor>? weights)
    {
        _name = name;
        _extract = extract;
        _weights = weights;
        using DisposeScope scope = NewDisposeScope();
        _targets = [.. Normalised(targets).Select(layer => layer.DetachFromDisposeScope())];
    }

    public RewardBatch Score(RewardChunk chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        return SingleComponent.Batch(_name, Perceptual.Distance(OfImages(chunk), Normalised(chunk.Samples), _weights).neg_());
    }

    RewardMaps ILocalRewardScorer.Score(RewardChunk chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        return new RewardMaps([.. Perceptual.DistanceMaps(OfImages(chunk), Normalised(chunk.Samples), _weights).Select(map => map.neg_())]);
    }

    public void Dispose()
    {
        foreach (Tensor layer in _targets)
            layer.Dispose();
    }

    private List<Tensor> OfImages(RewardChunk chunk) => [.. _targets.Select(layer => layer.narrow(0, chunk.FirstImage, chunk.ImageCount))];

    private List<Tensor> Normalised(Tensor images)
    {
        IReadOnlyList<Tensor> layers = _extract(images);
        if (layers is not { Count: > 0 } || layers.Any(layer => layer.dim() != 4 || layer.shape[0] != images.shape[0]))
            throw new RewardException(_name, $"its feature extractor must give one or more layers of shape ({images.shape[0]}, C, h, w).");
        return [.. layers.Select(Perceptual.Normalise)];
    }
}
