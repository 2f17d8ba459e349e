using System.Diagnostics;

namespace VaPi.Alignment.Metrics;

/// <summary>The activities of all trainers, of the source <c>VaPi.Alignment</c>. Where nobody listens none is made.</summary>
internal static class AlignmentActivities
{
    private static readonly ActivitySource Source = new(AlignmentMeter.Name);

    /// <returns>Ends when it is disposed; null where nobody listens.</returns>
    public static Activity? StartStep(long index) => Source.StartActivity("vapi.step")?.SetTag("vapi.step.index", index);

    /// <summary>Adds a phase of the step under way, which is known only once it is over.</summary>
    /// <param name="name">The phase.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="ago">How many seconds ago it ended.</param>
    public static void AddPhase(string name, double seconds, double ago = 0)
    {
        if (!Source.HasListeners() || Activity.Current is not { } step || step.Source != Source)
            return;
        DateTime end = DateTime.UtcNow.AddSeconds(-ago);
        using Activity? phase = Source.StartActivity($"vapi.{name}", ActivityKind.Internal, parentContext: default, startTime: end.AddSeconds(-seconds));
        phase?.SetEndTime(end);
    }
}
