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
    public static Tensor Normalise(Tensor features) => features / (features.square().sum([1], keepdim: true).sqrt_().add_(Epsilon));

    /// <summary>Squared differences of normalised features, weighted by channel, averaged over space and summed over layers.</summary>
    /// <param name="targets">A layer's (I, C, h, w), normalised.</param>
    /// <param name="samples">A layer's (I * S, C, h, w), normalised, image-major.</param>
    /// <param name="weights">A layer's (C); null for ones.</param>
    /// <returns>(I * S).</returns>
    public static Tensor Distance(IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor> samples, IReadOnlyList<Tensor>? weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? sum = null;
        for (int layer = 0; layer < targets.Count; layer++)
        {
            using DisposeScope inLayer = NewDisposeScope();
            Tensor squares = SquaredDifferences(targets[layer], samples[layer]).mean([-1]); // (I S, C)
            Tensor distance = weights is null ? squares.sum([1]) : squares.mv(weights[layer]); // (I S)
            sum = (sum is null ? distance : sum + distance).MoveToOuterDisposeScope();
        }

        return sum!.MoveToOuterDisposeScope();
    }

    /// <summary>The same by place, layer by layer: the distance is the sum of the maps' means.</summary>
    /// <inheritdoc cref="Distance"/>
    /// <returns>A layer's (I * S, h, w).</returns>
    public static IReadOnlyList<Tensor> DistanceMaps(IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor> samples, IReadOnlyList<Tensor>? weights)
    {
        using DisposeScope scope = NewDisposeScope();
        var maps = new List<Tensor>();
        for (int layer = 0; layer < targets.Count; layer++)
        {
            using DisposeScope inLayer = NewDisposeScope();
            Tensor squares = SquaredDifferences(targets[layer], samples[layer]); // (I S, C, h w)
            Tensor map = weights is null ? squares.sum([1]) : (squares * weights[layer].view(1, -1, 1)).sum([1]); // (I S, h w)
            maps.Add(map.view(-1, targets[layer].shape[2], targets[layer].shape[3]).MoveToOuterDisposeScope());
        }

        return [.. maps.Select(map => map.MoveToOuterDisposeScope())];
    }

    // (I, 1, C, h w) against (I, S, C, h w): the target is read in place, not copied for each sample.
    private static Tensor SquaredDifferences(Tensor targets, Tensor samples)
    {
        (long images, long channels) = (targets.shape[0], targets.shape[1]);
        Tensor grouped = samples.reshape(images, -1, channels, targets.shape[2] * targets.shape[3]);
        return (grouped - targets.reshape(images, 1, channels, -1)).square().flatten(0, 1); // (I S, C, h w)
    }
}
