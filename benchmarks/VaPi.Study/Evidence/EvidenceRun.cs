using System.Diagnostics;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.Training;
using VaPi.Study.Worlds;

namespace VaPi.Study.Evidence;

/// <summary>Trains one arm with one seed, and measures what came of it.</summary>
/// <param name="World">Where.</param>
/// <param name="Reward">The world's reward; stays the caller's.</param>
/// <param name="Arm">How.</param>
/// <param name="Rollouts">How long.</param>
/// <param name="Seed">Decides the images, all random numbers of training, and those of measuring.</param>
internal sealed record EvidenceRun(IWorld World, Reward Reward, EvidenceArm Arm, int Rollouts, int Seed)
{
    /// <param name="start">The base policy; stays as it is.</param>
    /// <param name="evaluator">Measures the trained policy.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public EvidenceResult Measure(LlamaGenPolicy start, WorldEvaluator evaluator, CancellationToken cancellationToken)
    {
        using LlamaGenPolicy policy = start.Clone();
        double seconds = 0;
        AlignmentStep? last = null;
        if (Arm.IsTrained)
        {
            using ITraining training = Arm.Training is null ? new BuiltTraining(this, policy) : Arm.Training(this, policy);
            long started = Stopwatch.GetTimestamp();
            for (int rollout = 0; rollout < Rollouts; rollout++)
                last = training.Step(cancellationToken);
            seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        Dictionary<string, double> measures = Arm.IsTokenizerAlone ? evaluator.MeasureTokenizer(cancellationToken) : evaluator.Measure(policy, cancellationToken);
        if (last?.KlDivergence is { } divergence)
            measures[EvidenceMeasures.KlDivergence] = divergence;
        if (last?.Entropy is { } entropy)
            measures[EvidenceMeasures.Entropy] = entropy;
        return new EvidenceResult
        {
            World = World.Name,
            Factor = Arm.Factor,
            Value = Arm.Value,
            Seed = Seed,
            LearningRate = Arm.IsTrained ? Arm.Recipe.LearningRate : 0,
            Rollouts = Arm.IsTrained ? Rollouts : 0,
            Images = Arm.IsTrained ? Rollouts * Arm.Recipe.ImagesPerRollout : 0,
            Seconds = seconds,
            Measures = measures,
        };
    }
}
