using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VaPi.Alignment.Metrics;

/// <summary>One trainer's measurements, to the instruments of the meter <c>VaPi.Alignment</c>, which <c>docs/observability.md</c> lists.</summary>
internal sealed class AlignmentMeter
{
    public const string Name = "VaPi.Alignment";

    private const string RunTag = "vapi.run.name";
    private const string PhaseTag = "vapi.phase.name";
    private const string MeasureTag = "vapi.held_out.name";

    // From a toy's milliseconds to a large model's minutes.
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000] };

    private static readonly Meter OfProcess = new(Name);

    private readonly Gauge<double> _contextNoise;
    private readonly Histogram<double> _duration;
    private readonly Gauge<double> _entropy;
    private readonly Gauge<double> _gradientNorm;
    private readonly Gauge<double> _heldOut;
    private readonly Counter<long> _images;
    private readonly Gauge<double> _klDivergence;
    private readonly Gauge<double> _learningRate;
    private readonly Histogram<double> _phaseDuration;
    private readonly Gauge<double> _priorLoss;
    private readonly Gauge<double> _reward;
    private readonly Counter<long> _rollouts;
    private readonly Counter<long> _skipped;
    private readonly TagList _tags;
    private readonly Gauge<long> _unreadable;
    private readonly Counter<long> _updates;

    /// <param name="factory">Whose meter is used; null for the process's own. It owns its meters.</param>
    /// <param name="run">Tags every measurement; null for no tag.</param>
    public AlignmentMeter(IMeterFactory? factory, string? run)
    {
        // Asked again, a meter gives the same instrument: trainers share them.
        Meter meter = factory?.Create(new MeterOptions(Name)) ?? OfProcess;
        _rollouts = meter.CreateCounter<long>("vapi.rollouts", "{rollout}", "Rollouts made.");
        _updates = meter.CreateCounter<long>("vapi.updates", "{update}", "Optimiser updates made.");
        _skipped = meter.CreateCounter<long>("vapi.skipped_updates", "{update}", "Optimiser updates not made because something was not finite.");
        _images = meter.CreateCounter<long>("vapi.images", "{image}", "Images aligned on.");
        _unreadable = meter.CreateGauge<long>("vapi.unreadable_images", "{image}", "Images that could not be read and were passed over so far.");
        _duration = meter.CreateHistogram("vapi.step.duration", "s", "Time of a rollout and its updates.", tags: null, Seconds);
        _phaseDuration = meter.CreateHistogram("vapi.phase.duration", "s", "Time of one phase of a step.", tags: null, Seconds);
        _reward = meter.CreateGauge<double>("vapi.reward", "1", "Mean reward of the last rollout's samples.");
        _gradientNorm = meter.CreateGauge<double>("vapi.gradient.norm", "1", "Gradient norm before clipping, mean over the last rollout's updates.");
        _priorLoss = meter.CreateGauge<double>("vapi.prior.loss", "nat", "Cross-entropy of the true tokens in the last rollout, a token.");
        _klDivergence = meter.CreateGauge<double>("vapi.kl.divergence", "nat", "KL divergence to the starting policy in the last rollout, a token.");
        _entropy = meter.CreateGauge<double>("vapi.entropy", "nat", "Mean entropy of what the last rollout's tokens were drawn from.");
        _learningRate = meter.CreateGauge<double>("vapi.learning_rate", "1", "Learning rate of the last rollout, steering included.");
        _contextNoise = meter.CreateGauge<double>("vapi.context_noise", "1", "Contextual noise of the last rollout, steering included.");
        _heldOut = meter.CreateGauge<double>("vapi.held_out", "1", "What early stopping measured last.");
        _tags = run is null ? [] : [new(RunTag, run)];
    }

    public void Record(AlignmentStep step, int images)
    {
        _rollouts.Add(1, _tags);
        _updates.Add(step.GradientNorms.Count, _tags);
        _skipped.Add(step.SkippedUpdates, _tags);
        _images.Add(images, _tags);
        _unreadable.Record(step.UnreadableImages, _tags);
        _duration.Record(step.Seconds.Total, _tags);
        foreach ((string phase, double seconds) in step.Seconds.ByPhase)
            _phaseDuration.Record(seconds, With(PhaseTag, phase));
        RecordIfMeasured(_reward, step.Reward.Mean);
        RecordIfMeasured(_gradientNorm, step.GradientNorm);
        RecordIfMeasured(_priorLoss, step.PriorLoss);
        RecordIfMeasured(_klDivergence, step.KlDivergence);
        RecordIfMeasured(_entropy, step.Entropy);
        _learningRate.Record(step.LearningRate, _tags);
        _contextNoise.Record(step.ContextNoise, _tags);
    }

    /// <param name="name">What was measured, as <see cref="Stopping.EarlyStopping.Name"/> says.</param>
    /// <param name="value">What came out.</param>
    public void RecordHeldOut(string name, double value) => _heldOut.Record(value, With(MeasureTag, name));

    private void RecordIfMeasured(Gauge<double> gauge, double? value)
    {
        if (value is { } measured && double.IsFinite(measured))
            gauge.Record(measured, _tags);
    }

    private TagList With(string tag, string value)
    {
        TagList tags = _tags; // a copy
        tags.Add(tag, value);
        return tags;
    }
}
