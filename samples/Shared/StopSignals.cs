using System.Runtime.InteropServices;

namespace VaPi.Samples;

/// <summary>
/// Ctrl-C, and the system's requests to end: the first asks the run to stop, the second ends the process at once. Signals
/// that this process was started to ignore (as background jobs of a script ignore Ctrl-C) stay ignored.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    // One press can arrive twice: from the terminal, and from a parent process that passes it on.
    private static readonly TimeSpan SamePress = TimeSpan.FromMilliseconds(300);

    private readonly Action _ending;
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _stopping;
    private readonly CancellationTokenSource _source = new();
    private readonly TimeProvider _time;
    private long? _first;

    /// <param name="stopping">Called at the first signal.</param>
    /// <param name="ending">Called at the second, just before the process ends.</param>
    /// <param name="time">For tests; the system's if null.</param>
    public StopSignals(Action stopping, Action ending, TimeProvider? time = null)
    {
        (_stopping, _ending, _time) = (stopping, ending, time ?? TimeProvider.System);
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = Received()))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();

        // The token source stays: a signal that is just arriving may still cancel it, and it holds nothing to release.
    }

    /// <returns>Whether the process goes on, to stop by itself.</returns>
    internal bool Received()
    {
        lock (_lock)
        {
            if (_first is long first)
            {
                if (_time.GetElapsedTime(first) < SamePress)
                    return true;
                _ending();
                return false;
            }

            _first = _time.GetTimestamp();
        }

        _stopping();
        _source.Cancel();
        return true;
    }
}
