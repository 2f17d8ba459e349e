using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
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
        var steps = new List<AlignmentStep>();
        if (Arm.IsTrained)
        {
            using var training = new BuiltTraining(this, policy);
            TimeSpan started = Environment.CpuUsage.TotalTime;
            for (int rollout = 0; rollout < Rollouts; rollout++)
                steps.Add(training.Step(cancellationToken));
            seconds = (Environment.CpuUsage.TotalTime - started).TotalSeconds;
        }

        (Dictionary<string, double> measures, IReadOnlyList<long[]> examples) =
            Arm.IsTokenizerAlone ? evaluator.MeasureTokenizer(cancellationToken) : evaluator.Measure(policy, start, Arm.Temperature, cancellationToken);
        return new EvidenceResult
        {
            World = World.Name,
            Factor = Arm.Factor,
            Value = Arm.Value,
            Seed = Seed,
            LearningRate = Arm.IsTrained ? Arm.Recipe.LearningRate : 0,
            Recipe = Arm.Recipe,
            Rollouts = Arm.IsTrained ? Rollouts : 0,
            Images = Arm.IsTrained ? Rollouts * Arm.Recipe.ImagesPerRollout : 0,
            Seconds = seconds,
            Measures = measures,
            Courses = Courses(steps),
            Examples = examples,
        };
    }

    // What the trainer said of each rollout, as single-precision numbers: more digits say nothing and fill the files.
    private static Dictionary<string, float[]> Courses(IReadOnlyList<AlignmentStep> steps)
    {
        var courses = new Dictionary<string, float[]>();
        void Add(string name, Func<AlignmentStep, double?> value)
        {
            if (steps.Count > 0 && steps.All(step => value(step) is not null))
                courses[name] = [.. steps.Select(step => (float)value(step)!.Value)];
        }

        Add(EvidenceCourses.Reward, step => step.Reward.Mean);
        Add(EvidenceCourses.Prior, step => step.PriorLoss);
        Add(EvidenceCourses.KlDivergence, step => step.KlDivergence);
        Add(EvidenceCourses.Entropy, step => step.Entropy);
        return courses;
    }
}
