using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>A frozen network that gives feature maps of images, in which a <see cref="Reward.FeatureDistance"/> compares them.</summary>
public interface IFeatureExtractor
{
    /// <summary>Feature maps of one or more layers.</summary>
    /// <param name="images">(N, 3, H, W), float32, in [-1, 1], possibly beyond. Stays the caller's.</param>
    /// <returns>At least one layer, (N, C, h, w) each, always as many. They belong to the caller.</returns>
    IReadOnlyList<Tensor> Extract(Tensor images);
}
