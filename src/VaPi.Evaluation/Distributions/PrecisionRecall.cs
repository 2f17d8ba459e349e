using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// Precision and recall of generated images by the manifolds of their features: balls around each feature that reach to its
/// k-th nearest other.
/// </summary>
/// <param name="Precision">The share of samples that lie in a ball of the reference, 0 … 1: how plausible samples are.</param>
/// <param name="Recall">The share of the reference that lies in a ball of the samples, 0 … 1: how much of the reference samples cover.</param>
public readonly record struct PrecisionRecall(double Precision, double Recall)
{
    /// <summary>The neighbour that a ball reaches to in the field's evaluations.</summary>
    public const int PublishedNeighbours = 3;

    // A block of distances has at most this many elements, 128 MB of float64.
    private const long BlockElements = 1 << 24;

    // Below this share of the features' squares a squared distance is rounding: the features are the same.
    private const double Rounding = 1e-12;

    /// <summary>Compares two sets, block by block, in float64, on the device where <paramref name="reference"/> lies.</summary>
    /// <remarks>Memory beyond a few hundred MB grows with the features only; time with N², M² and N M.</remarks>
    /// <param name="reference">(N, D), more rows than <paramref name="neighbours"/>. Stays the caller's.</param>
    /// <param name="samples">(M, D), more rows than <paramref name="neighbours"/>. Stays the caller's.</param>
    /// <param name="neighbours">k, at least 1.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a feature is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="neighbours"/> is below 1.</exception>
    public static PrecisionRecall Between(Tensor reference, Tensor samples, int neighbours = PublishedNeighbours)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbours, 1);
        if (reference.dim() != 2 || samples.dim() != 2 || reference.shape[1] != samples.shape[1]
            || reference.shape[0] <= neighbours || samples.shape[0] <= neighbours)
        {
            throw new ArgumentException(
                $"Features must be (N, D) and (M, D) with more than {neighbours} rows each; they are ({string.Join(", ", reference.shape)}) and ({string.Join(", ", samples.shape)}).");
        }

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor left = reference.detach().to(ScalarType.Float64); // (N, D)
        Tensor right = samples.detach().to(ScalarType.Float64, left.device); // (M, D)
        if (!left.isfinite().all().item<bool>() || !right.isfinite().all().item<bool>())
            throw new ArgumentException("Features must be finite; some are NaN or infinite.");

        // Distances do not change with the origin, and are the more exact the nearer it is.
        Tensor origin = left.mean([0]);
        (left, right) = (left - origin, right - origin);
        (Tensor leftRadii, Tensor rightRadii) = (Radii(left, neighbours), Radii(right, neighbours));
        return new PrecisionRecall(CoveredShare(right, left, leftRadii), CoveredShare(left, right, rightRadii));
    }

    // (N): the squared distance of each row to its k-th nearest other; the nearest of all is the row itself.
    private static Tensor Radii(Tensor rows, int neighbours)
    {
        using DisposeScope scope = NewDisposeScope();
        var radii = new List<Tensor>();
        foreach (Tensor block in rows.split(BlockRows(rows)))
        {
            using DisposeScope inBlock = NewDisposeScope();
            radii.Add(SquaredDistances(block, rows).topk(neighbours + 1, dim: 1, largest: false, sorted: true).values.select(1, neighbours).contiguous().MoveToOuterDisposeScope());
        }

        return cat(radii).MoveToOuterDisposeScope();
    }

    // The share of the rows that lie in a ball around any centre.
    private static double CoveredShare(Tensor rows, Tensor centres, Tensor radii)
    {
        long covered = 0;
        foreach (Tensor block in rows.split(BlockRows(centres)))
        {
            using DisposeScope inBlock = NewDisposeScope();
            covered += (SquaredDistances(block, centres) <= radii).any(1).sum().cpu().item<long>();
        }

        return (double)covered / rows.shape[0];
    }

    private static long BlockRows(Tensor columns) => Math.Max(1, BlockElements / columns.shape[0]);

    // (N, M)
    private static Tensor SquaredDistances(Tensor rows, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor squares = rows.square().sum([1]).unsqueeze(1) + columns.square().sum([1]); // (N, M)
        Tensor distances = squares - rows.matmul(columns.t()).mul_(2);
        return distances.masked_fill_(distances <= squares * Rounding, 0).MoveToOuterDisposeScope();
    }
}
