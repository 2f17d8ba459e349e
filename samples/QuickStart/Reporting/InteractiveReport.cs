using System.Collections.Concurrent;
using Spectre.Console;
using VaPi.Alignment.Metrics;

namespace QuickStart.Reporting;

/// <summary>A display that is kept up to date at the bottom of a terminal, with notes above it.</summary>
/// <remarks>It is drawn on a thread of its own, so that a slow terminal does not slow the run.</remarks>
internal sealed class InteractiveReport(IAnsiConsole console, TimeProvider? time = null) : IRunReport
{
    private const int NarrowestTable = 60;
    private const int WidestText = 100;

    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestLastRefresh = TimeSpan.FromSeconds(2);

    private readonly ManualResetEventSlim _ended = new();
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<(string Text, Style? Style)> _notes = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private (RunState State, long At)? _latest;
    private Thread? _thread;

    public void Began(RunState state)
    {
        Advanced(state);
        lock (_lock)
        {
            if (_thread is not null || _ended.IsSet)
                return;
            _thread = new Thread(Display) { IsBackground = true, Name = "QuickStart display" };
            _thread.Start();
        }
    }

    public void Advanced(RunState state)
    {
        lock (_lock)
            _latest = (state, _time.GetTimestamp());
    }

    public void Rollout(AlignmentStep step, RunState state) => Advanced(state);

    public void Note(string text) => Keep(text, null);

    public void Warn(string text) => Keep($"warning: {text}", new Style(Color.Yellow));

    public void Completed(RunResult result)
    {
        Dispose();
        Guarded(() =>
        {
            if (console.Profile.Width >= NarrowestTable)
                console.Write(ResultTable.Of(result).RoundedBorder());

            // Not through the console, which would break paths into lines where they cannot be copied from.
            foreach (string line in ResultTable.Lines(result, Math.Min(console.Profile.Width, WidestText)))
                console.Profile.Out.Writer.WriteLine(line);
        });
    }

    /// <summary>Takes the display away and gives the terminal back; may be called from a signal's thread, and again.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_lock)
        {
            _ended.Set();
            thread = _thread;
        }

        thread?.Join(LongestLastRefresh);
        Guarded(WriteNotes);
    }

    private void Keep(string text, Style? style)
    {
        _notes.Enqueue((text, style));
        if (_ended.IsSet)
            Guarded(WriteNotes);
    }

    private void Display() => Guarded(() =>
    {
        var view = new LiveView();
        console.Live(view).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(context =>
        {
            do
            {
                WriteNotes();
                lock (_lock)
                    view.State = _latest is (RunState state, long at) ? state.After(_time.GetElapsedTime(at)) : null;
                context.Refresh();
            }
            while (!_ended.Wait(RefreshEvery));
        });
    });

    private void WriteNotes()
    {
        while (_notes.TryDequeue(out (string Text, Style? Style) note))
            console.Write(new Text(note.Text + Environment.NewLine, note.Style));
    }

    private static void Guarded(Action write)
    {
        try
        {
            write();
        }
#pragma warning disable CA1031 // A terminal that was closed, or is of no size, fails in many ways; none is the run's concern.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
