using VaPi.Evaluation.Reporting;

namespace VaPi.Evaluation;

/// <summary>How a set of generated images compares with a reference; <see cref="Table"/> has it for people to read.</summary>
public sealed record EvaluationReport
{
    /// <summary>The network that the numbers are of: only numbers of the same one can be compared.</summary>
    public required string Network { get; init; }

    /// <summary>The images that were compared; null where that is not known.</summary>
    public long? SampleCount { get; init; }

    /// <summary>The images of the reference; null where that is not known, as of a file.</summary>
    public long? ReferenceCount { get; init; }

    /// <summary>0 or above, lower is better. It falls with the number of images: compare equal numbers.</summary>
    public required double FrechetDistance { get; init; }

    /// <summary>The same in spatial features (sFID); null if a side has none.</summary>
    public double? SpatialFrechetDistance { get; init; }

    /// <summary>Of the samples alone, higher is better; null if the network gives no probabilities.</summary>
    public double? InceptionScore { get; init; }

    /// <summary>Null if a side's features were not kept, or it has too few of them.</summary>
    public PrecisionRecall? PrecisionRecall { get; init; }

    /// <summary>All of it.</summary>
    public MeasureTable Table => new($"{Count(SampleCount)} images against {Count(ReferenceCount)}, {Network}", Lines());

    /// <summary>The table as text.</summary>
    public override string ToString() => Table.ToString();

    private static string Count(long? count) => count?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown number";

    private IEnumerable<Measure> Lines()
    {
        yield return new Measure("Frechet distance", FrechetDistance, HigherIsBetter: false);
        if (SpatialFrechetDistance is { } spatial)
            yield return new Measure("spatial Frechet distance", spatial, HigherIsBetter: false);
        if (InceptionScore is { } score)
            yield return new Measure("Inception Score", score, HigherIsBetter: true);
        if (PrecisionRecall is { } shares)
        {
            yield return new Measure("precision", shares.Precision, HigherIsBetter: true);
            yield return new Measure("recall", shares.Recall, HigherIsBetter: true);
        }
    }
}
