namespace VaPi.Fuzz.Running;

/// <summary>
/// Looks from a thread of its own whether a case ends in time. Time is counted in short sleeps, so that a process that was stopped
/// and goes on later has not lost any.
/// </summary>
internal sealed class CaseWatch : IDisposable
{
    private const int TickMilliseconds = 50;

    private readonly ManualResetEventSlim _ended = new();
    private readonly int _limit;
    private readonly Action<long> _overdue;
    private readonly Thread _thread;
    private long _case = -1;

    /// <param name="limit">Milliseconds that a case may take.</param>
    /// <param name="overdue">Told the number of a case that takes longer, once, on the watching thread.</param>
    public CaseWatch(int limit, Action<long> overdue)
    {
        _limit = limit;
        _overdue = overdue;
        _thread = new Thread(Watch) { IsBackground = true, Name = "case watch" };
        _thread.Start();
    }

    /// <summary>A case begins.</summary>
    public void Begin(long number) => Volatile.Write(ref _case, number);

    /// <summary>The case has ended.</summary>
    public void End() => Volatile.Write(ref _case, -1);

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _ended.Dispose();
    }

    private void Watch()
    {
        long watched = -1;
        int ticks = 0;
        while (!_ended.Wait(TickMilliseconds))
        {
            long now = Volatile.Read(ref _case);
            ticks = now >= 0 && now == watched ? ticks + 1 : 0;
            watched = now;
            if (ticks != _limit / TickMilliseconds)
                continue;
            _overdue(now);
        }
    }
}
