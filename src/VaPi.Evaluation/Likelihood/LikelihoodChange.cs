using System.Globalization;
using System.Text;

namespace VaPi.Evaluation.Likelihood;

/// <summary>Two policies measured on the same images with the same noise and random numbers, compared in pairs.</summary>
public sealed record LikelihoodChange
{
    internal LikelihoodChange(LikelihoodReport before, LikelihoodReport after)
    {
        // Batches and chunks decide no result; what else differs would make the pairs no pairs.
        LikelihoodOptions Comparable(LikelihoodReport report) =>
            report.Options with { ImagesPerBatch = 1, SamplesPerDecode = 1, PixelDeviation = report.Elbo.PixelDeviation };
        if (Comparable(before) != Comparable(after))
            throw new ArgumentException($"The policies were measured differently: {before.Options} with σ {before.Elbo.PixelDeviation}, and {after.Options} with σ {after.Elbo.PixelDeviation}. Measure both on the same images with the same options.", nameof(before));
        if (before.Rows.Count != after.Rows.Count)
            throw new ArgumentException("One of the policies was measured with a self-generated prefix and the other without. Give both a generator, or neither.", nameof(before));
        (Before, After) = (before, after);
        Differences = [.. after.Rows.Zip(before.Rows, (right, left) => right with { Value = right.Value.Minus(left.Value) })];
    }

    /// <summary>The policy that was there first.</summary>
    public LikelihoodReport Before { get; }

    /// <summary>The policy that it became.</summary>
    public LikelihoodReport After { get; }

    /// <summary>After less before, image by image, in the order of <see cref="LikelihoodReport.Rows"/>.</summary>
    public IReadOnlyList<LikelihoodRow> Differences { get; }

    /// <summary>The table, in Markdown: before, after, and the paired difference.</summary>
    public override string ToString()
    {
        StringBuilder text = new StringBuilder().AppendLine("| measure | unit | before | after | difference |").AppendLine("| --- | --- | --- | --- | --- |");
        for (int row = 0; row < Differences.Count; row++)
        {
            LikelihoodRow difference = Differences[row];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {difference.Name} | {difference.Unit} | {Before.Rows[row].Value} | {After.Rows[row].Value} | {difference.Value} |");
        }

        return text.ToString();
    }
}
