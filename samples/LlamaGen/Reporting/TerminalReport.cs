using Spectre.Console;

namespace LlamaGen.Reporting;

/// <summary>A terminal: a bar with the time left at the bottom, and lines above it.</summary>
internal sealed class TerminalReport(IAnsiConsole console) : IReport
{
    public void Line(string text) => console.Write(new Text(text + Environment.NewLine));

    public void Warn(string text) => console.Write(new Text($"warning: {text}{Environment.NewLine}", new Style(Color.Yellow)));

    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) => console.Write(Tables.Of(columns, rows).RoundedBorder());

    public void Track(string title, int steps, Action<Action<int>> work) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: steps);
                work(count => task.Increment(count));
            });
}
