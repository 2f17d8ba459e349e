using System.Globalization;
using QuickStart.Aligning;

namespace VaPi.Study.Studies;

/// <summary>Does a token learn better from the places near it than from the whole image, at equal images?</summary>
internal sealed class LocalisedCreditStudy : IStudy
{
    public const string Name = "localised-credit";

    public const string Factor = "credit";

    /// <summary>How the values of arms with the published, weaker prior term end.</summary>
    public const string WeakPrior = ", β 0.1";

    private const int RolloutsBetweenMeasurements = 10;

    public static IReadOnlyList<Arm> Arms { get; } =
    [
        new Arm(Factor, "whole image"),
        Near(0, 0),
        Near(1, 0),
        Near(2, 0),
        Near(1, 0.25),
        WithWeakPrior("whole image", new Arm(Factor, "")),
        WithWeakPrior(Near(1, 0).Value, Near(1, 0)),
    ];

    public void Run(StudyOptions options, CancellationToken cancellationToken) =>
        AlignmentRun.MeasureAll(options, Name, Arms, _ => RolloutsBetweenMeasurements, cancellationToken);

    private static Arm Near(int neighbourhood, double wholeImage) =>
        new(Factor, string.Create(CultureInfo.InvariantCulture, $"{neighbourhood} cell{(neighbourhood == 1 ? "" : "s")}, rest {wholeImage}"))
        {
            Objective = reward => reward.Localised(neighbourhood, wholeImage),
        };

    // With β at 1 the prior term does much of the learning: at 0.1, as published, the reward's part shows.
    private static Arm WithWeakPrior(string value, Arm arm) => arm with { Value = value + WeakPrior, Recipe = new Recipe { PriorWeight = 0.1 } };
}
