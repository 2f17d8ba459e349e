using System.Diagnostics;

namespace QuickStart;

/// <summary>Seconds by stage of the sample.</summary>
internal sealed class StageClock
{
    private readonly Dictionary<string, double> _stages = [];
    private readonly Stopwatch _whole = Stopwatch.StartNew();
    private double _last;

    public IReadOnlyDictionary<string, double> Stages => _stages;

    public double Total => _whole.Elapsed.TotalSeconds;

    public void Lap(string stage)
    {
        double now = Total;
        _stages[stage] = now - _last;
        _last = now;
    }
}
