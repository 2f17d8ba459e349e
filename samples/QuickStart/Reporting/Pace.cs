namespace QuickStart.Reporting;

/// <summary>How long a step of each kind of work takes: from those that were timed, and before that from other kinds.</summary>
internal sealed class Pace
{
    // What a step costs beside a rollout. It decides only until steps of the kind have been timed on this machine. Reading
    // has no part in it: how fast files are read says nothing of how fast the machine computes.
    private static readonly Dictionary<Work, double> Cost = new()
    {
        [Work.TrainingFeatures] = 0.05,
        [Work.TrainingTokenizer] = 0.5,
        [Work.TrainingPolicy] = 0.2,
        [Work.Measuring] = 0.35,
        [Work.Aligning] = 1,
        [Work.FineTuning] = 0.1,
        [Work.Drawing] = 0.5,
    };

    private readonly Dictionary<Work, (double Seconds, int Steps)> _timed = [];

    /// <summary>Steps of a kind took some seconds together.</summary>
    public void Took(Work work, int steps, double seconds)
    {
        (double before, int stepsBefore) = _timed.GetValueOrDefault(work);
        _timed[work] = (before + seconds, stepsBefore + steps);
    }

    /// <summary>Null while nothing says.</summary>
    public double? SecondsPerStep(Work work)
    {
        (double seconds, int steps) = _timed.GetValueOrDefault(work);
        double? others = Cost.TryGetValue(work, out double cost) ? cost * SecondsPerCost(except: work) : null;

        // What the other kinds say counts as one step more, because the first steps of a kind are often slow.
        return steps == 0 ? others : others is double expected ? (seconds + expected) / (steps + 1) : seconds / steps;
    }

    private double? SecondsPerCost(Work except)
    {
        var timed = _timed.Where(kind => kind.Key != except && Cost.ContainsKey(kind.Key) && kind.Value.Steps > 0).ToList();
        return timed.Count == 0 ? null : timed.Sum(kind => kind.Value.Seconds) / timed.Sum(kind => kind.Value.Steps * Cost[kind.Key]);
    }
}
