using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// The Frechet distance between two sets of features, each seen as a normal distribution:
/// |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½).
/// </summary>
public static class FrechetDistance
{
    /// <summary>The distance between the distributions of two sets of features, in float64.</summary>
    /// <param name="left">(N, F), at least 2 rows. Stays the caller's.</param>
    /// <param name="right">(M, F), at least 2 rows. Stays the caller's.</param>
    /// <returns>0 or above.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or a feature is not finite.</exception>
    public static double Between(Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.dim() != 2 || right.dim() != 2 || left.shape[1] != right.shape[1] || left.shape[0] < 2 || right.shape[0] < 2)
        {
            throw new ArgumentException(
                $"Features must be (N, F) and (M, F) with at least two rows each; they are ({string.Join(", ", left.shape)}) and ({string.Join(", ", right.shape)}).");
        }

        using FeatureStatistics ofLeft = FeatureStatistics.Of(left);
        using FeatureStatistics ofRight = FeatureStatistics.Of(right);
        return Between(ofLeft, ofRight);
    }

    /// <summary>The distance between two distributions of which means and covariances are known, in float64.</summary>
    /// <param name="left">Stays the caller's.</param>
    /// <param name="right">As wide as <paramref name="left"/>. Stays the caller's.</param>
    /// <returns>0 or above.</returns>
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public static double Between(FeatureStatistics left, FeatureStatistics right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Width != right.Width)
            throw new ArgumentException($"Statistics of {left.Width} and of {right.Width} features cannot be compared; take both with the same network.");

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();

        // tr (C1 C2)^½ is the sum of the roots of the eigenvalues of C1^½ C2 C1^½, which is symmetric: no complex roots arise.
        Tensor root = SymmetricRoot(left.Covariance);
        Tensor eigenvalues = linalg.eigvalsh(root.matmul(right.Covariance).matmul(root)).clamp_(min: 0);
        Tensor distance = (left.Mean - right.Mean).square().sum() + left.Covariance.trace() + right.Covariance.trace() - 2 * eigenvalues.sqrt().sum();
        return Math.Max(0, distance.item<double>());
    }

    private static Tensor SymmetricRoot(Tensor covariance)
    {
        (Tensor values, Tensor vectors) = linalg.eigh(covariance);
        return (vectors * values.clamp_(min: 0).sqrt()).matmul(vectors.t());
    }
}
