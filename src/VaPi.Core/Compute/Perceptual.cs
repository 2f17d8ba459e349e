using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Distances between images in the features of a network (LPIPS, version 0.1).</summary>
internal static class Perceptual
{
    private const double Epsilon = 1e-10;

    /// <summary>Every pixel's feature vector scaled to length one.</summary>
    /// <param name="features">(N, C, h, w).</param>
    /// <returns>(N, C, h, w).</returns>
    public static Tensor Normalise(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();

        // A root in place leaves nothing to differentiate it by, and its slope at a vector of zeros is infinite.
        Tensor length = features.requires_grad
            ? linalg.vector_norm(features, dims: [1], keepdim: true) + Epsilon
            : features.square().sum([1], keepdim: true).sqrt_().add_(Epsilon); // (N, 1, h, w)
        return features.div(length).MoveToOuterDisposeScope();
    }

    /// <summary>Squared differences of normalised features, weighted by channel, averaged over space and summed over layers.</summary>
    /// <param name="targets">A layer's (I, C, h, w), normalised.</param>
    /// <param name="samples">A layer's (I * S, C, h, w), normalised, image-major.</param>
    /// <param name="weights">A layer's (C); null for ones.</param>
    /// <returns>(I * S).</returns>
    public static Tensor Distance(IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor> samples, IReadOnlyList<Tensor>? weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? sum = null;
        foreach (Tensor map in DistanceMaps(targets, samples, weights))
        {
            Tensor distance = map.mean([1, 2]); // (I S)
            sum = sum is null ? distance : sum.add_(distance);
        }

        return sum!.MoveToOuterDisposeScope();
    }

    /// <summary>The same by place, layer by layer: the distance is the sum of the maps' means.</summary>
    /// <inheritdoc cref="Distance"/>
    /// <returns>A layer's (I * S, h, w).</returns>
    public static IReadOnlyList<Tensor> DistanceMaps(IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor> samples, IReadOnlyList<Tensor>? weights) =>
        [.. targets.Select((layer, index) => DistanceMap(layer, samples[index], weights?[index]))];

    private static Tensor DistanceMap(Tensor targets, Tensor samples, Tensor? weights)
    {
        using DisposeScope scope = NewDisposeScope();

        // (I, 1, C, h, w) against (I, S, C, h, w): the target is read in place, not copied for each sample.
        Tensor differences = samples.unflatten(0, targets.shape[0], -1).sub(targets.unsqueeze(1)).flatten(0, 1); // (I S, C, h, w)
        Tensor squares = differences.requires_grad ? differences.square() : differences.mul_(differences);
        Tensor weighted = weights is null ? squares : squares.mul_(weights.view(-1, 1, 1));
        return weighted.sum([1]).MoveToOuterDisposeScope(); // (I S, h, w)
    }
}
