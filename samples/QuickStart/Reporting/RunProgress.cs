using VaPi.Alignment.Metrics;

namespace QuickStart.Reporting;

/// <summary>Follows a run through its phases, times them, and tells a report.</summary>
internal sealed class RunProgress(IReadOnlyList<RunPhase> phases, IRunReport report, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _began = (time ?? TimeProvider.System).GetTimestamp();
    private readonly Pace _pace = new();
    private readonly List<TimeSpan> _taken = [];
    private readonly RewardTrend _trend = new();
    private int _current = -1;
    private int _done;
    private long _lastStep;
    private long _phaseBegan;

    /// <summary>Seconds of each phase that has ended, by its name.</summary>
    public IReadOnlyDictionary<string, double> SecondsByPhase =>
        _taken.Select((taken, index) => (phases[index].Name, taken.TotalSeconds)).ToDictionary();

    public TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Ends the phase under way and begins the next.</summary>
    /// <exception cref="ArgumentException">Another phase comes next.</exception>
    public void Begin(RunPhase phase)
    {
        EndPhase();
        if (_current + 1 >= phases.Count || phases[_current + 1] != phase)
            throw new ArgumentException($"The phase '{phase.Name}' does not come after '{(_current < 0 ? "nothing" : phases[_current].Name)}'.", nameof(phase));
        _current++;
        _done = 0;
        _phaseBegan = _lastStep = _time.GetTimestamp();
        report.Began(State());
    }

    /// <summary>Some steps of the phase are done.</summary>
    public void Advance(int steps)
    {
        Count(steps);
        report.Advanced(State());
    }

    /// <summary>A rollout is done.</summary>
    public void Advance(AlignmentStep step)
    {
        Count(1);
        _trend.Add(step.Reward.Mean);
        report.Rollout(step, State());
    }

    /// <summary>Ends the phase under way.</summary>
    public void EndPhase()
    {
        if (_current >= 0 && _taken.Count == _current)
            _taken.Add(_time.GetElapsedTime(_phaseBegan));
    }

    private void Count(int steps)
    {
        long now = _time.GetTimestamp();
        _pace.Took(phases[_current].Work, steps, _time.GetElapsedTime(_lastStep, now).TotalSeconds);
        _lastStep = now;
        _done += steps;
    }

    private RunState State() => new(phases, _current, _done, [.. _taken], Elapsed, Left(), _trend);

    private TimeSpan? Left()
    {
        double seconds = -_time.GetElapsedTime(_lastStep).TotalSeconds; // of the step under way
        for (int index = _current; index < phases.Count; index++)
        {
            int steps = phases[index].Steps - (index == _current ? _done : 0);
            if (steps <= 0)
                continue;
            if (_pace.SecondsPerStep(phases[index].Work) is not double each)
                return null;
            seconds += steps * each;
        }

        return TimeSpan.FromSeconds(Math.Max(0, seconds));
    }
}
