using System.ComponentModel;
using VaPi.Alignment.Schedules;

namespace VaPi.Alignment;

/// <summary>A number that may change over the rollouts of a run. A plain number converts to a constant schedule.</summary>
[TypeConverter(typeof(ScheduleConverter))]
public abstract class Schedule
{
    /// <summary>The value at a rollout; of a steered schedule the value before steering.</summary>
    /// <param name="rollout">0 for the first.</param>
    public abstract double At(long rollout);

    /// <summary>Every value it can take lies between these, steering included.</summary>
    public abstract (double Lowest, double Highest) Range { get; }

    /// <summary>By which a trainer steers it, in order; none for a plain schedule.</summary>
    internal virtual IReadOnlyList<SteeringLaw> Laws => [];

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

    /// <summary>
    /// This schedule times a factor that a measured signal steers. The factor is 1 at first; after each rollout that measured
    /// s where s* is the target it becomes clamp(f · exp(gain · clamp((s* - s) / s*, -1, 1)), lowest, highest), so that one
    /// rollout changes it at most by exp(±gain). Calls can be chained: the factors of several signals multiply. How to choose
    /// target and gain is in <c>docs/schedules.md</c>.
    /// </summary>
    /// <param name="signal">What is measured.</param>
    /// <param name="target">s*, what the signal should be; above 0, in the signal's unit.</param>
    /// <param name="gain">
    /// How fast the factor follows; not 0. Positive where the value should rise while the signal is below its target and fall
    /// while it is above, as a learning rate with the KL divergence to the start; negative for the other way round, as a
    /// learning rate with the entropy.
    /// </param>
    /// <param name="lowestFactor">The factor never falls below this; above 0, up to 1.</param>
    /// <param name="highestFactor">The factor never rises above this; 1 or above. With 1 steering only ever lowers the value.</param>
    /// <returns>A new schedule; it holds no state, so trainers may share it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public Schedule SteeredBy(Signal signal, double target, double gain, double lowestFactor = 0.01, double highestFactor = 1)
    {
        ArgumentNullException.ThrowIfNull(signal);
        Require(target > 0 && double.IsFinite(target), target, nameof(target), "above 0");
        Require(gain != 0 && double.IsFinite(gain), gain, nameof(gain), "any number but 0");
        Require(lowestFactor is > 0 and <= 1, lowestFactor, nameof(lowestFactor), "above 0, up to 1");
        Require(highestFactor >= 1 && double.IsFinite(highestFactor), highestFactor, nameof(highestFactor), "1 or above");
        return new SteeredSchedule(this, new SteeringLaw(signal, target, gain, lowestFactor, highestFactor));

        void Require(bool holds, double value, string argument, string allowed)
        {
            if (!holds)
                throw new ArgumentOutOfRangeException(argument, value, $"Steering by {signal.Name}: {argument} is {value}; allowed: {allowed}.");
        }
    }

    /// <summary>
    /// Reads a schedule as configuration files have it: a number (<c>1e-6</c>), or <c>linear 1e-6 to 0 over 100</c> or
    /// <c>cosine 1e-6 to 0 over 100</c>, for <see cref="Linear"/> and <see cref="Cosine"/> over 100 rollouts. Points and exponents
    /// whatever the culture.
    /// </summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static Schedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ScheduleText.Parse(text);
    }

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
