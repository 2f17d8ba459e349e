using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace VaPi.RunCheck;

/// <summary>This program as another process that makes a run, whose lines can be waited for, and which can be killed.</summary>
internal sealed class ChildRun : IDisposable
{
    // A run takes seconds; a machine that does much else may take long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly BlockingCollection<string> _lines = [];
    private readonly Process _process;

    public ChildRun(string folder, int rollouts, int writeDelay)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "VaPi.RunCheck.exe" : "VaPi.RunCheck");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["align", folder, "--rollouts", rollouts.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        start.Environment["OMP_NUM_THREADS"] = "1";
        if (writeDelay > 0)
            start.Environment[ToyRun.DelayVariable] = writeDelay.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.BeginOutputReadLine();
        Errors = _process.StandardError.ReadToEndAsync();
    }

    private Task<string> Errors { get; }

    /// <summary>Waits for so many lines that begin with a word.</summary>
    /// <returns>The last of them; null if the process ended before.</returns>
    public string? WaitFor(string word, int count = 1)
    {
        while (_lines.TryTake(out string? line, Patience))
        {
            if (line.StartsWith(word, StringComparison.Ordinal) && --count <= 0)
                return line;
        }

        return null;
    }

    /// <summary>Ends the process with SIGKILL (or what the system has like it).</summary>
    /// <returns>Whether it was still running.</returns>
    public bool Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        return _process.ExitCode != 0;
    }

    /// <summary>Waits for the end of the run.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public void Finish()
    {
        if (!_process.WaitForExit(Patience) || _process.ExitCode != 0)
            throw new InvalidOperationException($"The run failed: {(_process.HasExited ? Errors.GetAwaiter().GetResult() : "it does not end")}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
            _lines.CompleteAdding();
        else
            _lines.Add(line);
    }
}
