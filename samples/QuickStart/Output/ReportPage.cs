using QuickStart.Measuring;
using QuickStart.Pictures;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Evaluation.Likelihood;
using VaPi.Reporting;

namespace QuickStart.Output;

/// <summary>What <c>report.html</c> holds.</summary>
internal sealed record ReportPage
{
    public required string Title { get; init; }

    public required Measurement Before { get; init; }

    public required Measurement After { get; init; }

    /// <summary>Fine-tuned by cross-entropy alone on as many images.</summary>
    public required Measurement Control { get; init; }

    public required LikelihoodChange Likelihood { get; init; }

    public required IReadOnlyList<AlignmentStep> Steps { get; init; }

    public required IReadOnlyList<SheetRow> Rows { get; init; }

    /// <summary>The class of each column of pictures.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    public required AlignmentOptions Options { get; init; }

    public void Write(Stream stream) => HtmlReport.Create(Title)
        .WithTable(Measures())
        .WithImages(
            "Pictures",
            [.. Rows.Select(row => new ImageRow(row.Caption, row.Images))],
            Columns,
            "Real crops, what the tokenizer makes of them, and free-running samples. Samples of a column share random numbers.")
        .WithSteps(Steps)
        .WithTable(Likelihoods())
        .WithCurve("Likelihood by position before alignment", "position of the token", "nats", [.. ByPosition(Likelihood.Before)])
        .WithCurve("Likelihood by position after alignment", "position of the token", "nats", [.. ByPosition(Likelihood.After)])
        .WithOptions(Options)
        .WithEnvironment()
        .Write(stream);

    private ReportTable Measures() =>
        new ReportTable(
            "Held-out measures",
            "policy",
            new ReportColumn("reward, clean prefix", Preference.Higher),
            new ReportColumn("reward, noisy prefix", Preference.Higher),
            new ReportColumn("Frechet distance", Preference.Lower))
        {
            Note = "On regions of the photographs that nothing was trained on; one seed. The control is fine-tuned by cross-entropy alone on as many images.",
        }
        .WithRow("before", Before.RewardClean, Before.RewardNoisy, Before.Frechet)
        .WithRow("aligned by VA-π", After.RewardClean, After.RewardNoisy, After.Frechet)
        .WithRow("control: cross-entropy", Control.RewardClean, Control.RewardNoisy, Control.Frechet);

    private ReportTable Likelihoods()
    {
        var table = new ReportTable("What alignment bounds, and exposure bias", "measure", "unit", "before", "after", "difference")
        {
            Note = $"± standard error over {Likelihood.Before.Options.Images} held-out crops; differences in pairs.",
        };
        for (int row = 0; row < Likelihood.Differences.Count; row++)
        {
            LikelihoodRow difference = Likelihood.Differences[row];
            table.WithRow(difference.Name, difference.Unit, Value(Likelihood.Before.Rows[row].Value), Value(Likelihood.After.Rows[row].Value), Value(difference.Value));
        }

        return table;
    }

    private static ReportValue Value(ImageEstimate estimate) => new(estimate.Mean, estimate.StandardError);

    private static IEnumerable<Curve> ByPosition(LikelihoodReport report)
    {
        yield return Curve.Of("clean prefix", report.Exposure.Clean.ByPosition);
        yield return Curve.Of("noisy prefix", report.Exposure.Noisy.ByPosition);
        yield return Curve.Of("prefix of own samples", report.Exposure.Sampled.ByPosition);
        if (report.Exposure.Generated is { } generated)
            yield return Curve.Of("self-generated prefix", generated.ByPosition);
    }
}
