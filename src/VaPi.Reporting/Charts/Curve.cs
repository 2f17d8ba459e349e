namespace VaPi.Reporting;

/// <summary>A curve of a chart: values over rollouts, positions, settings, with or without a spread.</summary>
public sealed class Curve
{
    /// <summary>A curve through points.</summary>
    /// <param name="name">What it is, for the legend.</param>
    /// <param name="points">At least one, in the order in which they are joined.</param>
    /// <exception cref="ArgumentException">There is no point, or one is at no finite place of the axis.</exception>
    public Curve(string name, IEnumerable<CurvePoint> points)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(points);
        Name = name;
        Points = [.. points];
        if (Points.Count == 0)
            throw new ArgumentException($"The curve '{name}' has no point; a curve has at least one.", nameof(points));
        if (Points.Any(point => !double.IsFinite(point.X)))
            throw new ArgumentException($"The curve '{name}' has a point at {Points.First(point => !double.IsFinite(point.X)).X} of the axis; only values may be missing, not places.", nameof(points));
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>The points in the order in which they are joined.</summary>
    public IReadOnlyList<CurvePoint> Points { get; }

    /// <summary>Values at 1, 2, 3, …, as of the rollouts of a run.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="values">At least one.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Curve Of(string name, IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new Curve(name, values.Select((value, index) => new CurvePoint(index + 1, value)));
    }

    /// <summary>The mean of several runs at 1, 2, 3, …, with a standard deviation (n - 1) to both sides.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="runs">At least one run, each with as many values as the others.</param>
    /// <exception cref="ArgumentException">There is no run or no value, or the runs differ in length.</exception>
    public static Curve OfRuns(string name, IReadOnlyList<IReadOnlyList<double>> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0 || runs.Any(run => run.Count != runs[0].Count))
            throw new ArgumentException($"The curve '{name}' is of runs with {string.Join(", ", runs.Select(run => run.Count))} values; it needs at least one run, all of one length.", nameof(runs));
        return new Curve(name, Enumerable.Range(0, runs[0].Count).Select(index =>
        {
            ReportValue value = ReportValue.Of(runs.Select(run => run[index]));
            return value.Spread is { } spread
                ? new CurvePoint(index + 1, value.Mean!.Value, value.Mean - spread, value.Mean + spread)
                : new CurvePoint(index + 1, value.Mean!.Value);
        }));
    }
}
