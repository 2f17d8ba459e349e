namespace VaPi.Alignment;

/// <summary>A number that may change over the rollouts of a run. A plain number converts to a constant schedule.</summary>
public abstract class Schedule
{
    /// <summary>The value at a rollout.</summary>
    /// <param name="rollout">0 for the first.</param>
    public abstract double At(long rollout);

    /// <summary>Every value it can take lies between these.</summary>
    public abstract (double Lowest, double Highest) Range { get; }

    /// <summary>The same value throughout.</summary>
    public static Schedule Constant(double value) => new Ramp(value, value, 1, share => 0);

    /// <summary>From one value to another in a straight line, then constant.</summary>
    /// <param name="from">The value at the first rollout.</param>
    /// <param name="to">The value from rollout <paramref name="rollouts"/> on.</param>
    /// <param name="rollouts">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rollouts"/> is below 1.</exception>
    public static Schedule Linear(double from, double to, long rollouts) => new Ramp(from, to, rollouts, share => share);

    /// <summary>From one value to another along half a cosine, flat at both ends, then constant.</summary>
    /// <inheritdoc cref="Linear"/>
    public static Schedule Cosine(double from, double to, long rollouts) => new Ramp(from, to, rollouts, share => (1 - Math.Cos(Math.PI * share)) / 2);

    /// <summary>The same value throughout.</summary>
    public static Schedule FromDouble(double value) => Constant(value);

    /// <inheritdoc cref="FromDouble"/>
    public static implicit operator Schedule(double value) => Constant(value);

    private sealed class Ramp : Schedule
    {
        private readonly double _from;
        private readonly long _rollouts;
        private readonly Func<double, double> _shape;
        private readonly double _to;

        public Ramp(double from, double to, long rollouts, Func<double, double> shape)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rollouts, 1);
            (_from, _to, _rollouts, _shape) = (from, to, rollouts, shape);
        }

        public override (double Lowest, double Highest) Range => double.IsNaN(_from) || double.IsNaN(_to)
            ? (double.NaN, double.NaN)
            : (Math.Min(_from, _to), Math.Max(_from, _to));

        public override double At(long rollout) => _from + (_to - _from) * _shape(Math.Clamp(rollout / (double)_rollouts, 0, 1));
    }
}
