using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// The Inception Score: exp of the mean KL divergence of an image's class probabilities from their mean over a split of the
/// images, averaged over splits. Gathers batch by batch, in float64; of each split only sums are kept.
/// </summary>
public sealed class InceptionScore
{
    /// <summary>The images of a split in the field's evaluations.</summary>
    public const int PublishedSplit = 5000;

    private readonly List<Split> _splits = [];
    private readonly int _splitSize;
    private long? _classes;

    /// <summary>Nothing gathered yet.</summary>
    /// <param name="splitSize">The images of a split, at least 1; images are split in the order in which they come, and the last split may be smaller.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="splitSize"/> is below 1.</exception>
    public InceptionScore(int splitSize = PublishedSplit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(splitSize, 1);
        _splitSize = splitSize;
    }

    /// <summary>The images so far.</summary>
    public long Count => _splits.Sum(split => split.Count);

    /// <summary>The score of each split.</summary>
    public IReadOnlyList<double> Splits => [.. _splits.Select(split => split.Score)];

    /// <summary>The mean of the splits' scores: 1 … number of classes, higher is better.</summary>
    /// <exception cref="InvalidOperationException">There are no images.</exception>
    public double Value => _splits.Count > 0 ? Splits.Average() : throw new InvalidOperationException("An Inception Score needs at least one image.");

    /// <summary>The score of probabilities that are all at hand.</summary>
    /// <param name="probabilities">(N, C), N ≥ 1. Stays the caller's.</param>
    /// <param name="splitSize">As in the constructor.</param>
    /// <exception cref="ArgumentException">The shape or a value is not as described.</exception>
    public static double Of(Tensor probabilities, int splitSize = PublishedSplit)
    {
        var score = new InceptionScore(splitSize);
        score.Add(probabilities);
        return score.Value;
    }

    /// <summary>Adds images.</summary>
    /// <param name="probabilities">(N, C), N ≥ 1, each in 0 … 1; a row is an image's and sums to 1. On any device. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The shape is not as described, or a row is no distribution.</exception>
    public void Add(Tensor probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        if (probabilities.dim() != 2 || probabilities.shape[0] < 1 || probabilities.shape[1] != (_classes ?? probabilities.shape[1]))
        {
            throw new ArgumentException(
                $"Probabilities must be (N, {(_classes is null ? "C" : $"{_classes}")}) with at least one row; they are ({string.Join(", ", probabilities.shape)}).", nameof(probabilities));
        }

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = probabilities.detach().to(ScalarType.Float64, CPU); // (N, C)
        ThrowIfNoDistributions(wide);
        _classes = wide.shape[1];
        for (long done = 0; done < wide.shape[0];)
        {
            if (_splits.Count == 0 || _splits[^1].Count == _splitSize)
                _splits.Add(new Split((int)_classes));
            long taken = Math.Min(_splitSize - _splits[^1].Count, wide.shape[0] - done);
            _splits[^1].Add(wide.narrow(0, done, taken));
            done += taken;
        }
    }

    private static void ThrowIfNoDistributions(Tensor probabilities)
    {
        const double Tolerance = 1e-3;
        double error = (probabilities.sum([1]) - 1).abs().max().item<double>();
        double least = probabilities.min().item<double>();
        if (!(error <= Tolerance && least >= 0)) // NaN too
        {
            throw new ArgumentException(
                $"Rows of probabilities must be 0 or above and sum to 1; the least value is {least:G3} and a sum is off by {error:G3}. Take the softmax of logits.", nameof(probabilities));
        }
    }

    private sealed class Split(int classes)
    {
        private readonly double[] _sums = new double[classes];
        private double _negativeEntropies; // Σ p ln p of all images

        public long Count { get; private set; }

        // The mean of Σ p ln p - Σ p ln m is the mean of the one sum less Σ m ln m, m being the mean of p.
        public double Score => Math.Exp((_negativeEntropies / Count) - _sums.Sum(sum => sum > 0 ? sum / Count * Math.Log(sum / Count) : 0));

        public void Add(Tensor probabilities)
        {
            using DisposeScope scope = NewDisposeScope();
            _negativeEntropies += probabilities.xlogy(probabilities).sum().item<double>(); // 0 ln 0 is 0
            ReadOnlySpan<double> sums = probabilities.sum([0]).data<double>().ToArray();
            for (int index = 0; index < sums.Length; index++)
                _sums[index] += sums[index];
            Count += probabilities.shape[0];
        }
    }
}
