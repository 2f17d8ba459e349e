using LlamaGen.Reporting;

namespace LlamaGen.Tests.Support;

/// <summary>Keeps what it is told, and may do something when a step is made.</summary>
internal sealed class RecordingReport(Action? advanced = null) : IReport
{
    private readonly List<string> _lines = [];

    public string Text => string.Join('\n', _lines);

    public void Line(string text) => _lines.Add(text);

    public void Warn(string text) => _lines.Add($"warning: {text}");

    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) =>
        _lines.AddRange(rows.Select(row => string.Join(" | ", row)));

    public void Track(string title, int steps, Action<Action<int>> work)
    {
        _lines.Add(title);
        int done = 0;
        work(count =>
        {
            done += count;
            advanced?.Invoke();
        });
        if (done != steps)
            throw new InvalidOperationException($"{title}: {done} of {steps} steps were told.");
    }
}
