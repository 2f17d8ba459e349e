using VaPi.Alignment.Metrics;

namespace VaPi.Alignment.Schedules;

/// <summary>A number measured in every rollout, by which a schedule can be steered (<see cref="Schedule.SteeredBy"/>).</summary>
public sealed class Signal
{
    private readonly Func<AlignmentStep, double?> _read;

    private Signal(string name, Func<AlignmentStep, double?> read) => (Name, _read) = (name, read);

    /// <summary>
    /// <see cref="AlignmentStep.KlDivergence"/>: how far the policy is from where it started, in nats a token. Steering by it
    /// switches measuring it on, for which the starting policy is kept in memory.
    /// </summary>
    public static Signal KlToStart { get; } = new("KL to the start", step => step.KlDivergence);

    /// <summary><see cref="AlignmentStep.Entropy"/>: how undecided the policy is, in nats a token.</summary>
    public static Signal Entropy { get; } = new("entropy", step => step.Entropy);

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Any other number of the step record.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="read">
    /// Reads it; null or NaN where it was not measured, which leaves what it steers as it is. Must not depend on anything else,
    /// or a resumed run would go on differently.
    /// </param>
    public static Signal Of(string name, Func<AlignmentStep, double?> read)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(read);
        return new Signal(name, read);
    }

    internal double? Read(AlignmentStep step) => _read(step);
}
