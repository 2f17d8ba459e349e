using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>The mean and the covariance of a set of features: all that a Frechet distance needs of it. Owns its tensors.</summary>
public sealed class FeatureStatistics : IDisposable
{
    /// <summary>Takes copies.</summary>
    /// <param name="mean">(D), of any floating-point type. Stays the caller's.</param>
    /// <param name="covariance">(D, D), of any floating-point type. Stays the caller's.</param>
    /// <param name="count">The rows it was computed from; null where that is not known.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a value is not finite.</exception>
    public FeatureStatistics(Tensor mean, Tensor covariance, long? count = null)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(covariance);
        if (mean.dim() != 1 || covariance.dim() != 2 || covariance.shape[0] != mean.shape[0] || covariance.shape[1] != mean.shape[0])
        {
            throw new ArgumentException(
                $"Statistics must be a mean of (D) and a covariance of (D, D); they are ({string.Join(", ", mean.shape)}) and ({string.Join(", ", covariance.shape)}).");
        }

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor wideMean = mean.detach().to(ScalarType.Float64, CPU, copy: true);
        Tensor wideCovariance = covariance.detach().to(ScalarType.Float64, CPU, copy: true);
        if (!wideMean.isfinite().all().item<bool>() || !wideCovariance.isfinite().all().item<bool>())
            throw new ArgumentException("Statistics must be finite; some values are NaN or infinite.");
        (Mean, Covariance, Count) = (wideMean.DetachFromDisposeScope(), wideCovariance.DetachFromDisposeScope(), count);
    }

    /// <summary>(D), float64, on the CPU.</summary>
    public Tensor Mean { get; }

    /// <summary>(D, D), float64, on the CPU; divided by the number of rows less one.</summary>
    public Tensor Covariance { get; }

    /// <summary>The rows it was computed from; null where that is not known, as of a file.</summary>
    public long? Count { get; }

    /// <summary>D, the features' width.</summary>
    public long Width => Mean.shape[0];

    /// <summary>The statistics of features that are all at hand.</summary>
    /// <param name="features">(N, D), at least 2 rows. Stays the caller's.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The shape is not (N, D) with N ≥ 2, or a feature is not finite.</exception>
    public static FeatureStatistics Of(Tensor features)
    {
        using var moments = new FeatureMoments();
        moments.Add(features);
        return moments.Statistics();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Covariance.Dispose();
    }
}
