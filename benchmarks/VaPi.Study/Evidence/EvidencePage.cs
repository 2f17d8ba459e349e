using System.Globalization;
using TorchSharp;
using VaPi.Reporting;
using VaPi.Study.Worlds;
using static TorchSharp.torch;
using Curve = VaPi.Reporting.Curve;

namespace VaPi.Study.Evidence;

/// <summary>A world's part of the page that the study is looked at on.</summary>
internal static class EvidencePage
{
    private static readonly (string Measure, Preference Preference)[] Columns =
    [
        (EvidenceMeasures.Frechet, Preference.Lower),
        (EvidenceMeasures.Precision, Preference.Higher),
        (EvidenceMeasures.Recall, Preference.Higher),
        (SceneSampleVerifier.Overall, Preference.Higher),
        (EvidenceMeasures.RewardClean, Preference.Higher),
        (EvidenceMeasures.RewardNoisy, Preference.Higher),
        (EvidenceMeasures.NatsClean, Preference.Lower),
        (EvidenceMeasures.SampledGap, Preference.Lower),
        (EvidenceMeasures.Elbo, Preference.Higher),
        (EvidenceMeasures.KlDivergence, Preference.None),
        (EvidenceMeasures.Entropy, Preference.None),
    ];

    /// <param name="report">Gets tables, samples and curves.</param>
    /// <param name="world">Decodes the samples. Stays the caller's.</param>
    /// <param name="set">Its results.</param>
    public static void Add(HtmlReport report, IWorld world, EvidenceSet set)
    {
        report.WithTable(Table($"{world.Name}: VA-π and alternatives", set, EvidenceDocument.Alternatives));
        if (EvidenceDocument.HasSettings(set))
            report.WithTable(Table($"{world.Name}: settings of VA-π", set, EvidenceDocument.Settings));
        using DisposeScope scope = NewDisposeScope();
        ImageRow[] rows = [.. EvidencePictures.Drawn(set).Where(result => result.Examples.Count > 0).Select(result => new ImageRow(EvidenceText.Label(result.Arm), EvidencePictures.Decode(world, result)))];
        if (rows.Length > 0)
            report.WithImages($"{world.Name}: samples", rows, note: "Free-running samples of one seed; those of a column share their condition and random numbers.");
        foreach (string course in set.Arms.SelectMany(set.Of).SelectMany(result => result.Courses.Keys).Distinct())
            report.WithCurve($"{world.Name}: {course}", "rollout", course, [.. EvidenceDocument.Drawn.Select(arm => Course(set, arm, course)).OfType<Curve>()]);
    }

    /// <summary>A recipe as the page shows it.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Settings(EvidenceRecipe recipe)
    {
        string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
        yield return new("images a rollout (B)", Text(recipe.ImagesPerRollout));
        yield return new("group size (G)", Text(recipe.GroupSize));
        yield return new("context noise (ξ)", Text(recipe.ContextNoise));
        yield return new("prior weight (β)", Text(recipe.PriorWeight));
        yield return new("KL weight (κ)", Text(recipe.KlWeight));
        yield return new("rollouts", Text(new EvidenceSizes().Rollouts));
        yield return new("learning rate", $"the best on validation images of {string.Join(", ", EvidenceArms.Recipe.LearningRates.Select(Text))}");
    }

    private static ReportTable Table(string title, EvidenceSet set, IEnumerable<string> arms)
    {
        (string Measure, Preference Preference)[] columns = [.. Columns.Where(column => set.Measures.Contains(column.Measure))];
        var table = new ReportTable(title, "arm", [.. columns.Select(column => new ReportColumn(column.Measure, column.Preference))])
        {
            Note = "Mean and standard deviation over seeds.",
        };
        foreach (string arm in set.Arms.Intersect(arms))
            table.WithRow(EvidenceText.Label(arm), [.. columns.Select(column => Value(arm, set.BySeed(arm, column.Measure).Values))]);
        return table;
    }

    // The tokenizer alone is a bound and no policy: as a word its value is not the best of the column.
    private static ReportValue Value(string arm, IEnumerable<double> values) =>
        !values.Any() ? "" : arm == EvidenceArms.Tokenizer.Name ? ReportValue.Of(values).ToString() : ReportValue.Of(values);

    private static Curve? Course(EvidenceSet set, string arm, string course)
    {
        double[][] runs = [.. set.Of(arm).Where(result => result.Courses.ContainsKey(course)).Select(result => result.Courses[course].Select(value => (double)value).ToArray())];
        return runs.Length == 0 ? null : Curve.OfRuns(EvidenceText.Label(arm), runs);
    }
}
