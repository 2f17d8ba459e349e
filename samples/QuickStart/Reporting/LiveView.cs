using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace QuickStart.Reporting;

/// <summary>The run on a terminal: its phases, a bar for the whole, the time left and the reward's trend. It fits any window.</summary>
internal sealed class LiveView : Renderable
{
    private const int LongestBar = 40;
    private const int CurvePoints = 24;
    private const string Levels = "▁▂▃▄▅▆▇█";

    private static readonly Style Done = new(Color.Green);
    private static readonly Style Current = new(decoration: Decoration.Bold);
    private static readonly Style Later = new(decoration: Decoration.Dim);

    /// <summary>What to show; nothing before the first phase.</summary>
    public RunState? State { get; set; }

    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(Math.Min(1, maxWidth), maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        if (State is not { } state || maxWidth < 1)
            yield break;

        // In a low window the whole run comes first, then the reward, then the phase under way, then all phases.
        List<List<Segment>> lines = [Whole(state, options.Unicode, maxWidth)];
        int height = Math.Max(1, options.ConsoleSize.Height - 1);
        if (height >= 2 && state.Trend.Count > 0)
            lines.Add(Reward(state.Trend, options.Unicode));
        List<List<Segment>> phases = [.. Enumerable.Range(0, state.Phases.Count).Select(index => Phase(state, index, options.Unicode))];
        if (height > lines.Count + phases.Count)
            lines.InsertRange(0, [.. phases, []]);
        else if (height > lines.Count)
            lines.Insert(0, phases[state.Current]);

        foreach (List<Segment> line in lines)
        {
            foreach (Segment segment in Cut(line, maxWidth))
                yield return segment;
            yield return Segment.LineBreak;
        }
    }

    private static List<Segment> Phase(RunState state, int index, bool unicode)
    {
        string title = state.Phases[index].Title;
        if (index < state.Current)
            return [new Segment(unicode ? "  ✓ " : "  x ", Done), new Segment($"{title}  "), new Segment(Wording.Of(state.Taken[index]), Later)];
        return index == state.Current
            ? [new Segment(unicode ? "  ▸ " : "  > ", Current), new Segment(title, Current), new Segment($"  {state.Done}/{state.Phase.Steps}")]
            : [new Segment($"    {title}", Later)];
    }

    private static List<Segment> Whole(RunState state, bool unicode, int width)
    {
        string times = $" {Math.Floor(100 * state.Share):F0} %  {Wording.Of(state.Elapsed)}, {RunWording.TimeLeft(state)}";
        int bar = Math.Clamp(width - times.Length - 2, 0, LongestBar);
        int full = (int)(bar * state.Share);
        return
        [
            new Segment("  "),
            new Segment(new string(unicode ? '━' : '#', full), Done),
            new Segment(new string(unicode ? '─' : '-', bar - full), Later),
            new Segment(times),
        ];
    }

    private static List<Segment> Reward(RewardTrend trend, bool unicode)
    {
        if (trend.Latest() is not (double now, double gain, int rollouts))
            return [new Segment("  reward: after the second rollout", Later)];
        string curve = unicode ? string.Concat(trend.Curve(CurvePoints).Select(level => Levels[(int)Math.Round(level * (Levels.Length - 1))])) + " " : "";
        string arrow = unicode ? gain < 0 ? "↓ " : "↑ " : "";
        return
        [
            new Segment("  reward "),
            new Segment(curve, Done),
            new Segment(string.Create(CultureInfo.InvariantCulture, $"{now:F3} ")),
            new Segment($"{arrow}{RunWording.Gain(gain, rollouts)}", new Style(gain < 0 ? Color.Red : Color.Green)),
        ];
    }

    // Every character here is one cell wide.
    private static IEnumerable<Segment> Cut(List<Segment> line, int width)
    {
        foreach (Segment segment in line)
        {
            if (segment.Text.Length >= width)
            {
                yield return new Segment(segment.Text[..width], segment.Style);
                yield break;
            }

            width -= segment.Text.Length;
            yield return segment;
        }
    }
}
