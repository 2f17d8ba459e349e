using System.Diagnostics;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen.Costs;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>Measures both arrangements in turns, in this process.</summary>
internal static class StepMeasurement
{
    private const int FewestRepeats = 3;

    public static StepFigures Of(StepOptions options)
    {
        set_num_threads(options.Threads);
        using var models = new StepModels(options);
        using var rollouts = new RecordedRollouts();
        using var matrixRate = new MatrixRate();
        using PublishedArrangement published = models.Published();
        double difference = GradientAgreement.Measure(models, rollouts, published); // and a first rollout of each, which is slower than the next
        using AlignmentTrainer trainer = models.Trainer(rollouts);
        StepSeconds LibraryStep() => Seconds(trainer.Step());

        var ofLibrary = new List<StepSeconds>();
        var ofPublished = new List<StepSeconds>();
        long started = Stopwatch.GetTimestamp();
        while (options.Repeats is { } repeats
            ? ofLibrary.Count < repeats
            : ofLibrary.Count < FewestRepeats || Stopwatch.GetElapsedTime(started).TotalSeconds < options.Seconds)
        {
            matrixRate.Measure();

            // A user's rollout follows another of its kind. The published arrangement's large tensors leave the allocator with
            // nothing in hand, which the next rollout would pay for; its own pays for them each time, whatever was before it.
            LibraryStep();
            ofLibrary.Add(LibraryStep());
            if (ofPublished.Count == 0 || !(ofPublished.Sum(rollout => rollout.Total) >= options.PublishedSeconds))
                ofPublished.Add(published.Step(rollouts.Last!, StepModels.LearningRate));
        }

        matrixRate.Measure();
        return new StepFigures
        {
            Options = options,
            Parameters = models.PolicyConfiguration.ParameterCount,
            Library = ofLibrary,
            Published = ofPublished,
            LibraryOperations = StepOperations.OfLibrary(models),
            PublishedOperations = StepOperations.OfPublished(models),
            GradientDifference = difference,
            MatrixRate = matrixRate.OperationsPerSecond,
            ModelSeconds = models.Cost.Seconds(MachineRate.Measure() with { OperationsPerSecond = matrixRate.OperationsPerSecond }),
        };
    }

    // The trainer counts the frozen policy's forward to training; its total has the data and the record beside the phases.
    private static StepSeconds Seconds(AlignmentStep step)
    {
        PhaseSeconds seconds = step.Seconds;
        return new StepSeconds(seconds.Encode, seconds.Sample, seconds.Score, 0, seconds.Train, seconds.Update) { Whole = seconds.Total };
    }
}
