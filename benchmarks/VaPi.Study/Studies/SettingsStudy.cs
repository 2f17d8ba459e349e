using System.Globalization;
using QuickStart.Aligning;

namespace VaPi.Study.Studies;

/// <summary>What each setting does, changed alone around the QuickStart's recipe.</summary>
internal sealed class SettingsStudy : IStudy
{
    public const string Name = "settings";

    /// <summary>The factor of the run that changes nothing.</summary>
    public const string RecipeItself = "recipe";

    private static readonly Recipe Recipe = new();

    /// <summary>What is changed, and what the recipe itself has.</summary>
    public static IReadOnlyList<(string Factor, double Own)> Factors { get; } =
    [
        ("G", Recipe.GroupSize),
        ("ξ", Recipe.ContextNoise),
        ("β", Recipe.PriorWeight),
        ("learning rate", Recipe.LearningRate),
        ("rollouts", new Arm(RecipeItself, "").Rollouts),
    ];

    public static IReadOnlyList<Arm> Arms { get; } =
    [
        new Arm(RecipeItself, ""),
        .. new[] { 2, 4, 16 }.Select(value => new Arm("G", Text(value)) { Recipe = Recipe with { GroupSize = value } }),
        .. new[] { 0, 0.25, 0.5 }.Select(value => new Arm("ξ", Text(value)) { Recipe = Recipe with { ContextNoise = value } }),
        .. new[] { 0, 0.1, 3 }.Select(value => new Arm("β", Text(value)) { Recipe = Recipe with { PriorWeight = value } }),
        .. new[] { 1e-4, 3e-4, 2e-3 }.Select(value => new Arm("learning rate", Text(value)) { Recipe = Recipe with { LearningRate = value } }),
        .. new[] { 12, 25, 100 }.Select(value => new Arm("rollouts", Text(value)) { Rollouts = value }),
    ];

    public void Run(StudyOptions options, CancellationToken cancellationToken) =>
        AlignmentRun.MeasureAll(options, Name, Arms, arm => arm.Rollouts, cancellationToken);

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
