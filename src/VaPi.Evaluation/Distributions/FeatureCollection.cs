using VaPi.Checkpoints;
using VaPi.Evaluation.Features;
using VaPi.Evaluation.Files;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// What a network says of a set of images, gathered batch by batch: the side of a comparison. Compute that of the reference once
/// and compare many sets of samples with it; see <see cref="ImageEvaluation"/>.
/// </summary>
public sealed class FeatureCollection : IDisposable
{
    private FeatureCollection(
        string network, FeatureStatistics statistics, FeatureStatistics? spatialStatistics, Tensor? features, double? inceptionScore) =>
        (Network, Statistics, SpatialStatistics, Features, InceptionScore) = (network, statistics, spatialStatistics, features, inceptionScore);

    /// <summary>The network's name; of a file, the file's.</summary>
    public string Network { get; }

    /// <summary>The images; null where that is not known, as of a file.</summary>
    public long? Count => Statistics.Count;

    /// <summary>Of the pooled features.</summary>
    public FeatureStatistics Statistics { get; }

    /// <summary>Of the spatial features; null if the network gives none.</summary>
    public FeatureStatistics? SpatialStatistics { get; }

    /// <summary>(N, D), float32, on the CPU: every image's pooled features; null if they were not kept.</summary>
    public Tensor? Features { get; }

    /// <summary>Null if the network gives no probabilities.</summary>
    public double? InceptionScore { get; }

    /// <summary>Takes the features of images, however many there are.</summary>
    /// <param name="network">Stays the caller's.</param>
    /// <param name="images">Batches of (N, 3, H, W), float32, RGB in [-1, 1]; values beyond are clamped. Each is disposed once it is used; see <see cref="ImageStream"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="progress">Told the number of images so far.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">There are fewer than two images, a batch is misshapen, or features are not finite.</exception>
    public static FeatureCollection Of(
        IFeatureNetwork network, IEnumerable<Tensor> images, FeatureCollectionOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var gathering = new Gathering(network.Name, options ?? new FeatureCollectionOptions());
        ImageStream.ForEach(
            images,
            batch =>
            {
                using ImageFeatures features = network.Extract(batch);
                gathering.Add(features);
                progress?.Report(gathering.Count);
            },
            cancellationToken);
        return gathering.Finish();
    }

    /// <summary>
    /// Reads published reference statistics: a <c>.npz</c> with <c>mu</c> and <c>sigma</c>, and with <c>mu_s</c> and <c>sigma_s</c>
    /// where there are spatial ones. Features, for precision and recall, are not in such a file; where it also holds the images
    /// (<c>arr_0</c>), read them with <see cref="SampleArchive"/> and take their features.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or holds no statistics.</exception>
    public static FeatureCollection Load(string path)
    {
        (FeatureStatistics statistics, FeatureStatistics? spatial) = StatisticsArchive.Read(path);
        return new FeatureCollection(Path.GetFileName(path), statistics, spatial, null, null);
    }

    /// <summary>Writes the statistics as a <c>.npz</c> with <c>mu</c>, <c>sigma</c> and, where there are, <c>mu_s</c> and <c>sigma_s</c>.</summary>
    /// <param name="path">The file, replaced in one step if it is there; its folder exists.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => StatisticsArchive.Write(path, Statistics, SpatialStatistics);

    /// <inheritdoc/>
    public void Dispose()
    {
        Statistics.Dispose();
        SpatialStatistics?.Dispose();
        Features?.Dispose();
    }

    private sealed class Gathering(string network, FeatureCollectionOptions options) : IDisposable
    {
        private readonly FeatureMoments _pooled = new();
        private readonly List<Tensor> _rows = [];
        private readonly InceptionScore _score = new(options.ScoreSplit);
        private readonly FeatureMoments _spatial = new();

        public long Count => _pooled.Count;

        public void Add(ImageFeatures features)
        {
            _pooled.Add(features.Pooled);
            if (features.Spatial is not null)
                _spatial.Add(features.Spatial);
            if (features.Probabilities is not null)
                _score.Add(features.Probabilities);
            if (options.KeepFeatures)
                _rows.Add(features.Pooled.detach().to(ScalarType.Float32, CPU, copy: true).DetachFromDisposeScope());
        }

        public FeatureCollection Finish()
        {
            if (Count < 2)
                throw new ArgumentException($"Statistics need at least 2 images; there were {Count}.");
            foreach ((string part, long count) in new[] { ("spatial features", _spatial.Count), ("probabilities", _score.Count) })
            {
                if (count > 0 && count != Count)
                    throw new ArgumentException($"The network '{network}' gave {part} for {count} of {Count} images; it must give them for all or for none.");
            }

            Tensor? rows = options.KeepFeatures ? cat(_rows).DetachFromDisposeScope() : null;
            return new FeatureCollection(
                network, _pooled.Statistics(), _spatial.Count > 0 ? _spatial.Statistics() : null, rows, _score.Count > 0 ? _score.Value : null);
        }

        public void Dispose()
        {
            _pooled.Dispose();
            _spatial.Dispose();
            foreach (Tensor row in _rows)
                row.Dispose();
        }
    }
}
