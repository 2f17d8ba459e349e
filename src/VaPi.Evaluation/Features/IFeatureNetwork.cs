using static TorchSharp.torch;

namespace VaPi.Evaluation.Features;

/// <summary>
/// A frozen network that describes an image by numbers, in which sets of images are compared. Only numbers of one and the same
/// network, fed in the same way, can be compared with each other.
/// </summary>
public interface IFeatureNetwork
{
    /// <summary>What it is called in tables.</summary>
    string Name { get; }

    /// <summary>Describes images.</summary>
    /// <param name="images">(N, 3, H, W), float32, RGB in [-1, 1], on any device: the network moves them to its own. Stays the caller's.</param>
    /// <returns>Always of the same widths and with the same parts. Belongs to the caller.</returns>
    ImageFeatures Extract(Tensor images);
}
