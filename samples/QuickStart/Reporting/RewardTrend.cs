namespace QuickStart.Reporting;

/// <summary>Where the rewards of the rollouts are going. It may be read while rewards are added.</summary>
internal sealed class RewardTrend
{
    /// <summary>The rollouts that a mean is taken over, once there are enough.</summary>
    public const int Window = 10;

    private readonly Lock _lock = new();
    private readonly List<double> _rewards = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _rewards.Count;
        }
    }

    public void Add(double reward)
    {
        lock (_lock)
            _rewards.Add(reward);
    }

    /// <summary>The mean of the last rewards and how far it is above that of as many first ones; null before the second rollout.</summary>
    public (double Now, double Gain, int Rollouts)? Latest()
    {
        lock (_lock)
        {
            int rollouts = Math.Min(Window, _rewards.Count / 2);
            if (rollouts == 0)
                return null;
            double now = _rewards.TakeLast(rollouts).Average();
            return (now, now - _rewards.Take(rollouts).Average(), rollouts);
        }
    }

    /// <summary>The running mean at some points of the way, from the lowest, 0, to the highest, 1.</summary>
    public IReadOnlyList<double> Curve(int points)
    {
        List<double> smooth;
        lock (_lock)
            smooth = RunningMean(_rewards);
        if (smooth.Count < 2)
            return [];
        int count = Math.Min(points, smooth.Count);
        (double low, double high) = (smooth.Min(), smooth.Max());
        return [.. Enumerable.Range(0, count).Select(point => Math.Max(0, smooth[point * (smooth.Count - 1) / Math.Max(1, count - 1)] - low) / Math.Max(high - low, 1e-12))];
    }

    /// <summary>The mean of each value and those before it, <see cref="Window"/> at most.</summary>
    public static List<double> RunningMean(IReadOnlyList<double> values)
    {
        var means = new List<double>(values.Count);
        double sum = 0;
        for (int index = 0; index < values.Count; index++)
        {
            sum += values[index] - (index >= Window ? values[index - Window] : 0);
            means.Add(sum / Math.Min(index + 1, Window));
        }

        return means;
    }
}
