using static TorchSharp.torch;

namespace VaPi.Evaluation.Features;

/// <summary>What a network says of a batch of images. Owns its tensors.</summary>
public sealed class ImageFeatures : IDisposable
{
    /// <summary>Takes over the tensors.</summary>
    /// <param name="pooled">(N, D).</param>
    /// <param name="spatial">(N, S), features that know places, for the spatial Frechet distance; null if there are none.</param>
    /// <param name="probabilities">(N, C), a distribution over classes each, for the Inception Score; null if there are none.</param>
    /// <exception cref="ArgumentException">A shape is not as described, or the counts differ.</exception>
    public ImageFeatures(Tensor pooled, Tensor? spatial = null, Tensor? probabilities = null)
    {
        ArgumentNullException.ThrowIfNull(pooled);
        foreach (Tensor? part in new[] { pooled, spatial, probabilities })
        {
            if (part is not null && (part.dim() != 2 || part.shape[0] != pooled.shape[0]))
            {
                throw new ArgumentException(
                    $"Features must be (N, width) with one row an image; of ({string.Join(", ", pooled.shape)}) there is a part of ({string.Join(", ", part.shape)}). Average feature maps over space, or flatten them.");
            }
        }

        Pooled = pooled.DetachFromDisposeScope();
        Spatial = spatial?.DetachFromDisposeScope();
        Probabilities = probabilities?.DetachFromDisposeScope();
    }

    /// <summary>(N, D): what Frechet distances and precision and recall are taken in.</summary>
    public Tensor Pooled { get; }

    /// <summary>(N, S): what the spatial Frechet distance is taken in; null if the network gives none.</summary>
    public Tensor? Spatial { get; }

    /// <summary>(N, C): what the Inception Score is taken of; null if the network gives none.</summary>
    public Tensor? Probabilities { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pooled.Dispose();
        Spatial?.Dispose();
        Probabilities?.Dispose();
    }
}
