using System.Globalization;

namespace QuickStart.Reporting;

/// <summary>A run's numbers as people read them.</summary>
internal static class RunWording
{
    public static string TimeLeft(RunState state) => state.Left is TimeSpan left ? $"about {Wording.Of(left)} left" : "time left not known yet";

    /// <summary>As <c>up 0.120 on the first 10 rollouts</c>.</summary>
    public static string Gain(double gain, int rollouts) => string.Create(
        CultureInfo.InvariantCulture, $"{(gain < 0 ? "down" : "up")} {Math.Abs(gain):F3} on the first {(rollouts == 1 ? "rollout" : Wording.Count(rollouts, "rollout"))}");
}
