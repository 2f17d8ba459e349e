using VaPi.Evaluation.Features;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// Compares generated images with a reference by all that the field compares distributions of images by: the Frechet distance,
/// its spatial variant, the Inception Score, precision and recall.
/// </summary>
public static class ImageEvaluation
{
    /// <summary>Takes the samples' features, however many there are, and compares them.</summary>
    /// <param name="network">The network that the reference was taken with. Stays the caller's.</param>
    /// <param name="reference">Stays the caller's.</param>
    /// <param name="samples">Batches of (N, 3, H, W), float32, RGB in [-1, 1]; values beyond are clamped. Each is disposed once it is used; see <see cref="ImageStream"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="progress">Told the number of images so far.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">There are fewer than two images, a batch is misshapen, or the reference is of other features.</exception>
    public static EvaluationReport Run(
        IFeatureNetwork network,
        FeatureCollection reference,
        IEnumerable<Tensor> samples,
        FeatureCollectionOptions? options = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        using FeatureCollection ofSamples = FeatureCollection.Of(network, samples, options, progress, cancellationToken);
        return Compare(reference, ofSamples);
    }

    /// <summary>Compares features that were taken before.</summary>
    /// <param name="reference">Stays the caller's.</param>
    /// <param name="samples">Taken with the same network. Stays the caller's.</param>
    /// <param name="neighbours">The neighbour that precision's and recall's balls reach to, at least 1.</param>
    /// <exception cref="ArgumentException">The sides are of different features.</exception>
    public static EvaluationReport Compare(FeatureCollection reference, FeatureCollection samples, int neighbours = PrecisionRecall.PublishedNeighbours)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(samples);
        return new EvaluationReport
        {
            Network = samples.Network,
            SampleCount = samples.Count,
            ReferenceCount = reference.Count,
            FrechetDistance = FrechetDistance.Between(reference.Statistics, samples.Statistics),
            SpatialFrechetDistance = reference.SpatialStatistics is not null && samples.SpatialStatistics is not null
                ? FrechetDistance.Between(reference.SpatialStatistics, samples.SpatialStatistics)
                : null,
            InceptionScore = samples.InceptionScore,
            PrecisionRecall = Kept(reference, neighbours) is { } left && Kept(samples, neighbours) is { } right
                ? PrecisionRecall.Between(left, right, neighbours)
                : null,
        };
    }

    private static Tensor? Kept(FeatureCollection side, int neighbours) => side.Features?.shape[0] > neighbours ? side.Features : null;
}
