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
            (long images, long channels) = (targets[layer].shape[0], targets[layer].shape[1]);
            Tensor grouped = samples[layer].reshape(images, -1, channels, targets[layer].shape[2] * targets[layer].shape[3]); // (I, S, C, h w)
            Tensor squares = (grouped - targets[layer].reshape(images, 1, channels, -1)).square().mean([-1]).flatten(0, 1); // (I S, C)
            Tensor distance = weights is null ? squares.sum([1]) : squares.mv(weights[layer]); // (I S)
            sum = (sum is null ? distance : sum + distance).MoveToOuterDisposeScope();
        }

        return sum!.MoveToOuterDisposeScope();
    }
}
