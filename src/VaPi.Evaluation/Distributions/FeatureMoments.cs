using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// Gathers the mean and the covariance of features batch by batch, in float64, in memory that does not grow with their number.
/// </summary>
public sealed class FeatureMoments : IDisposable
{
    private Tensor? _mean; // (D)
    private Tensor? _squares; // (D, D): the sum of products of deviations from the mean

    /// <summary>The rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds rows. How rows are divided into batches changes the result by rounding only.</summary>
    /// <param name="features">(N, D), N ≥ 1, D always the same, on any device. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The shape is not as described, or a feature is not finite.</exception>
    public void Add(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.dim() != 2 || features.shape[0] < 1 || features.shape[1] < 1 || (_mean is not null && features.shape[1] != _mean.shape[0]))
        {
            string width = _mean is null ? "D" : $"{_mean.shape[0]}";
            throw new ArgumentException($"Features must be (N, {width}) with at least one row; they are ({string.Join(", ", features.shape)}).", nameof(features));
        }

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = features.detach().to(ScalarType.Float64, CPU); // (N, D)
        if (!wide.isfinite().all().item<bool>())
            throw new ArgumentException("Features must be finite; some are NaN or infinite.", nameof(features));
        Join(wide);
    }

    /// <summary>The statistics of all rows so far; more may be added afterwards.</summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="InvalidOperationException">There are fewer than two rows.</exception>
    public FeatureStatistics Statistics()
    {
        if (Count < 2)
            throw new InvalidOperationException($"A covariance needs at least 2 rows of features; there are {Count}.");
        using DisposeScope scope = NewDisposeScope();
        return new FeatureStatistics(_mean!, _squares! / (Count - 1), Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean?.Dispose();
        _squares?.Dispose();
    }

    // Sums about each batch's own mean, joined by the parallel algorithm: no difference of large sums loses digits.
    private void Join(Tensor rows)
    {
        long added = rows.shape[0];
        Tensor mean = rows.mean([0]); // (D)
        Tensor centred = rows - mean; // (N, D)
        Tensor squares = centred.t().matmul(centred); // (D, D)
        if (_mean is null || _squares is null)
        {
            (_mean, _squares, Count) = (mean.DetachFromDisposeScope(), squares.DetachFromDisposeScope(), added);
            return;
        }

        Tensor shift = mean - _mean; // (D)
        long count = Count + added;
        _squares.add_(squares).add_(shift.outer(shift).mul_((double)Count * added / count));
        _mean.add_(shift.mul_((double)added / count));
        Count = count;
    }
}
