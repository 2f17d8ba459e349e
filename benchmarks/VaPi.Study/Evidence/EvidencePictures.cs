using System.Globalization;
using QuickStart.Pictures;
using TorchSharp;
using VaPi.Study.Reports;
using VaPi.Study.Worlds;
using static TorchSharp.torch;

namespace VaPi.Study.Evidence;

/// <summary>The pictures of docs/study.md: samples, the course of training, and what the settings do.</summary>
internal static class EvidencePictures
{
    private const int ExampleCount = 6;

    private static readonly string[] Courses = [EvidenceCourses.Reward, EvidenceCourses.Prior, EvidenceCourses.KlDivergence, EvidenceCourses.Entropy];
    private static readonly string[] Factors = ["ξ", "β", "G", "learning rate", "rollouts"];

    /// <summary>Writes <c>evidence-WORLD-samples.png</c>, <c>-courses.png</c> and <c>-settings.png</c>.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="world">Decodes the samples. Stays the caller's.</param>
    /// <param name="set">Its results.</param>
    public static void Write(string folder, IWorld world, EvidenceSet set)
    {
        string At(string what) => Path.Combine(folder, $"evidence-{world.Name}-{what}.png");
        WriteSamples(At("samples"), world, set);
        WriteCourses(At("courses"), set);
        if (EvidenceDocument.HasSettings(set))
            WriteSettings(At("settings"), set);
    }

    /// <summary>The results that pictures are drawn of.</summary>
    public static IEnumerable<EvidenceResult> Drawn(EvidenceSet set) =>
        EvidenceDocument.Drawn.SelectMany(set.Of).Where(EvidenceDocument.IsDrawn);

    /// <summary>The images of a result's first examples: as many as a page has room for.</summary>
    /// <returns>(N, 3, H, W) in [-1, 1]. Belongs to the caller.</returns>
    public static Tensor Decode(IWorld world, EvidenceResult result)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = stack(result.Examples.Take(ExampleCount).Select(sample => tensor(sample))); // (N, T)
        return world.Tokenizer.Decode(tokens).clamp_(-1, 1).MoveToOuterDisposeScope();
    }

    private static void WriteSamples(string path, IWorld world, EvidenceSet set)
    {
        using DisposeScope scope = NewDisposeScope();
        SheetRow[] rows = [.. Drawn(set).Where(result => result.Examples.Count > 0).Select(result => new SheetRow(EvidenceText.Label(result.Arm), Decode(world, result)))];
        if (rows.Length == 0)
            return;
        using FileStream file = File.Create(path);
        ClassSheet.Write(file, $"{world.Name}: free-running samples, of one seed", ["each column with the same condition and random numbers"], rows);
    }

    private static void WriteCourses(string path, EvidenceSet set)
    {
        EvidenceResult[] drawn = [.. Drawn(set).Where(result => result.Courses.Count > 0)];
        string[] names = [.. drawn.Select(result => EvidenceText.Label(result.Arm))];
        Figure.Write(path, 2100, Courses.Length + 1,
        [
            .. Courses.Select(course => new Panel(
                course,
                "rollouts",
                [.. drawn.Where(result => result.Courses.ContainsKey(course)).Select(result => Smooth(EvidenceText.Label(result.Arm), result.Courses[course]))])
            {
                Colours = names,
            }),
            Panel.LegendOf(names),
        ]);
    }

    // Means of ten rollouts, each of which has images of its own.
    private static Curve Smooth(string name, float[] course) => new(
        name,
        [.. course.Chunk(10).Select((part, index) => (10 * index + (part.Length + 1) / 2.0, (double)part.Average(), (double)part.Average(), (double)part.Average()))]);

    private static void WriteSettings(string path, EvidenceSet set)
    {
        string[] measures = [EvidenceMeasures.Frechet, set.Measures.Contains(SceneSampleVerifier.Overall) ? SceneSampleVerifier.Overall : EvidenceMeasures.Precision, EvidenceMeasures.RewardNoisy];
        Figure.Write(path, 1800, Factors.Length, [.. measures.SelectMany(measure => Factors.Select(factor => Setting(set, factor, measure)))]);
    }

    private static Panel Setting(EvidenceSet set, string factor, string measure)
    {
        // The recipe stands in every factor's row of values, at its own.
        (double Place, string Arm)[] arms =
        [
            .. EvidenceArms.All.Where(arm => arm.Factor == factor).Select(arm => (double.Parse(arm.Value, CultureInfo.InvariantCulture), arm.Name))
                .Append((OwnValue(factor), EvidenceArms.Recipe.Name))
                .Where(pair => set.BySeed(pair.Name, measure).Count > 0)
                .DistinctBy(pair => pair.Item1)
                .OrderBy(pair => pair.Item1),
        ];
        return new Panel(
            measure,
            factor,
            [new Curve(factor, [.. arms.Select((pair, index) => ((double)index, set.BySeed(pair.Arm, measure).Values)).Select(pair => (pair.Item1, pair.Values.Average(), pair.Values.Min(), pair.Values.Max()))])])
        {
            Places = [.. arms.Select(pair => pair.Place.ToString("0.######", CultureInfo.InvariantCulture))],
        };
    }

    private static double OwnValue(string factor) => factor switch
    {
        "ξ" => EvidenceArms.Recipe.Recipe.ContextNoise,
        "β" => EvidenceArms.Recipe.Recipe.PriorWeight,
        "G" => EvidenceArms.Recipe.Recipe.GroupSize,
        "rollouts" => new EvidenceSizes().Rollouts,
        _ => EvidenceArms.Recipe.Recipe.LearningRate,
    };
}
