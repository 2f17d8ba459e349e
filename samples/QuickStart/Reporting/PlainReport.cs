using System.Globalization;
using Spectre.Console;
using VaPi.Alignment.Metrics;

namespace QuickStart.Reporting;

/// <summary>A log: a line for each phase, for the first and every tenth rollout, and a sign of life when there was none for a while.</summary>
internal sealed class PlainReport(TextWriter output, TimeProvider? time = null) : IRunReport
{
    private const int RolloutsBetweenLines = 10;
    private const int TableWidth = 100;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _lastLine;

    public void Began(RunState state) =>
        Write($"{state.Phase.Title} ...{(state.Left is null ? "" : $" ({RunWording.TimeLeft(state)})")}");

    public void Advanced(RunState state)
    {
        if (state.Done < state.Phase.Steps && _time.GetElapsedTime(_lastLine) > LongestSilence)
            Write($"  {state.Done} of {state.Phase.Steps} steps, {RunWording.TimeLeft(state)}");
    }

    public void Rollout(AlignmentStep step, RunState state)
    {
        if (step.Index != 1 && step.Index % RolloutsBetweenLines != 0)
        {
            Advanced(state);
            return;
        }

        string gain = state.Trend.Latest() is (_, double change, int rollouts) ? $" ({RunWording.Gain(change, rollouts)})" : "";
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"  rollout {step.Index,4}/{state.Phase.Steps}: reward {step.Reward.Mean:F4}{gain}, prior {step.PriorLoss:F3}, entropy {step.Entropy:F3}, {step.ImagesPerSecond:F1} images/s, {RunWording.TimeLeft(state)}"));
    }

    public void Note(string text) => Write($"  {text}");

    public void Warn(string text) => Write($"  warning: {text}");

    public void Completed(RunResult result)
    {
        // Drawn with lines of a fixed width: a log is read elsewhere than where it was written.
        using var drawn = new StringWriter(CultureInfo.InvariantCulture);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(drawn),
        });
        console.Profile.Width = TableWidth;
        console.Write(ResultTable.Of(result).AsciiBorder());
        Write("");
        Write(drawn.ToString().TrimEnd());
        foreach (string line in ResultTable.Lines(result, TableWidth))
            Write(line);
    }

    public void Dispose()
    {
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            _lastLine = _time.GetTimestamp();
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Nobody reads any more. The files are what counts.
            }
        }
    }
}
