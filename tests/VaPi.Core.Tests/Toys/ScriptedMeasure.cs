using VaPi.Alignment.Stopping;

namespace VaPi.Tests.Toys;

/// <summary>A held-out measure that gives what a test tells it to, and remembers the policy as it was each time.</summary>
internal sealed class ScriptedMeasure(params double[] values) : IDisposable
{
    public List<ToyPolicy> Measured { get; } = [];

    /// <summary>Runs before each measurement, with its number; 0 for the first.</summary>
    public Action<int> Before { get; init; } = _ => { };

    /// <summary>Higher is better, after every rollout, unless changed by <c>with</c>.</summary>
    public EarlyStopping Stopping => new()
    {
        Name = "scripted measure",
        HigherIsBetter = true,
        Every = 1,
        Patience = 2,
        Measure = (policy, _) =>
        {
            Before(Measured.Count);
            Measured.Add(((ToyPolicy)policy).Copy());
            return values[Measured.Count - 1];
        },
    };

    public void Dispose() => Measured.ForEach(policy => policy.Dispose());
}
