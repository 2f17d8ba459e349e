namespace VaPi.Benchmarks.Step;

/// <summary>Everything that was measured on one size.</summary>
internal sealed record StepFigures
{
    public required StepOptions Options { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Rollout by rollout; the published arrangement's i-th follows the library's, and its last ones may be missing.</summary>
    public required IReadOnlyList<StepSeconds> Library { get; init; }

    public required IReadOnlyList<StepSeconds> Published { get; init; }

    public required StepOperations LibraryOperations { get; init; }

    public required StepOperations PublishedOperations { get; init; }

    /// <summary>The norm of the gradients' difference, relative to the gradient's.</summary>
    public required double GradientDifference { get; init; }

    /// <summary>Operations a second of the quickest product of 2048 x 2048 matrices in the same run.</summary>
    public required double MatrixRate { get; init; }

    /// <summary>The seconds that the cost model says at the matrix rate and at the rate of a large copy, measured here.</summary>
    public required double ModelSeconds { get; init; }

    public double RolloutRatio => MedianOfPairs(seconds => seconds.Total);

    public double TrainingRatio => MedianOfPairs(seconds => seconds.Training);

    public double LibraryShare => LibraryOperations.Total / Median(Library, seconds => seconds.Total) / MatrixRate;

    public double PublishedShare => PublishedOperations.Total / Median(Published, seconds => seconds.Total) / MatrixRate;

    public static double Median(IReadOnlyList<StepSeconds> rollouts, Func<StepSeconds, double> seconds) => Median(rollouts.Select(seconds));

    // Of neighbours in time: what disturbs a shared machine for longer disturbs both.
    private double MedianOfPairs(Func<StepSeconds, double> seconds) => Median(Published.Zip(Library, (published, library) => seconds(published) / seconds(library)));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
