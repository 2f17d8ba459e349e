using VaPi.Alignment.Metrics;
using static TorchSharp.torch;

namespace VaPi.Alignment.Schedules;

/// <summary>What is scheduled in a run, and where steering has brought it.</summary>
internal sealed class RunSchedules(AlignmentOptions options)
{
    private readonly SteeredValue _contextNoise = new("steering.context-noise", options.ContextNoise);
    private readonly SteeredValue _learningRate = new("steering.learning-rate", options.LearningRate);

    public bool NeedEntropy => Steers(options, Signal.Entropy);

    /// <summary>Whether a signal steers any of a run's options.</summary>
    public static bool Steers(AlignmentOptions options, Signal signal) =>
        options.ContextNoise.Laws.Concat(options.LearningRate.Laws).Any(law => law.Signal == signal);

    public double ContextNoise(long rollout) => _contextNoise.At(rollout);

    public double LearningRate(long rollout) => _learningRate.At(rollout);

    /// <summary>Steers by what a rollout measured; its step is then complete.</summary>
    public void Observe(AlignmentStep step)
    {
        foreach (SteeredValue value in Steered)
            value.Observe(step);
    }

    /// <summary>The factors by name, float64; belong to the caller.</summary>
    public IEnumerable<(string Name, Tensor Value)> Capture() => Steered.Select(value => (value.Name, tensor(value.Factors.ToArray(), device: CPU)));

    /// <summary>What of a state's factors is outside the limits, so that they are damaged or of other options.</summary>
    public IEnumerable<string> Problems(IReadOnlyDictionary<string, Tensor> state) => Steered
        .Where(value => state.TryGetValue(value.Name, out Tensor? stored) && stored.shape.SequenceEqual([value.Factors.Count]) && !value.Allows(Numbers(stored)))
        .Select(value => $"'{value.Name}' is outside the schedule's limits");

    /// <summary>Takes over factors that have no <see cref="Problems"/>.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (SteeredValue value in Steered)
            value.Restore(Numbers(state[value.Name]));
    }

    private IEnumerable<SteeredValue> Steered => new[] { _contextNoise, _learningRate }.Where(value => value.Factors.Count > 0);

    private static double[] Numbers(Tensor stored) => stored.to(ScalarType.Float64).data<double>().ToArray();
}
