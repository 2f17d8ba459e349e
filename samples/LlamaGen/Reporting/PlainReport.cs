using System.Globalization;
using Spectre.Console;

namespace LlamaGen.Reporting;

/// <summary>A log, for files, pipes and terminals that cannot be written to at any place.</summary>
internal sealed class PlainReport(TextWriter output, TimeProvider? time = null) : IReport
{
    private const int TableWidth = 120;

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public void Line(string text)
    {
        lock (_lock)
        {
            try
            {
                output.WriteLine(text);
                output.Flush();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Nobody reads any more. The files are what counts.
            }
        }
    }

    public void Warn(string text) => Line($"warning: {text}");

    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
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
        console.Write(Tables.Of(columns, rows).AsciiBorder());
        Line(drawn.ToString().TrimEnd());
    }

    public void Track(string title, int steps, Action<Action<int>> work)
    {
        Line($"{title} ...");
        long began = _time.GetTimestamp();
        TimeSpan written = TimeSpan.Zero;
        int done = 0;
        work(count =>
        {
            done += count;
            TimeSpan elapsed = _time.GetElapsedTime(began);
            if (done >= steps || elapsed - written < BetweenLines)
                return;
            written = elapsed;
            Line($"  {done} of {steps}, about {Wording.Of(elapsed / done * (steps - done))} left");
        });
        Line($"  {done} of {steps} in {Wording.Of(_time.GetElapsedTime(began))}");
    }
}
