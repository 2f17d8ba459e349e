using VaPi.Alignment;

namespace VaPi.Study.Studies;

/// <summary>What does the same training take, with the library and as the published code arranges it?</summary>
internal sealed class WallClockStudy : IStudy
{
    public const string Name = "wall-clock";

    private const string Factor = "arrangement";
    private const int RolloutsBetweenMeasurements = 8;

    // Without dropout, which the arrangements do not share out alike, and without anything but training in the time.
    private static readonly Arm Library = new(Factor, "library") { Rollouts = 24, Mode = AlignmentMode.Evaluation, MonitorKl = false };

    public static IReadOnlyList<Arm> Arms { get; } = [Library, Library with { Value = "published arrangement", IsPublished = true }];

    public void Run(StudyOptions options, CancellationToken cancellationToken) =>
        AlignmentRun.MeasureAll(options, Name, Arms, _ => RolloutsBetweenMeasurements, cancellationToken);
}
