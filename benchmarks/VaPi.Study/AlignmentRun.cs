using System.Diagnostics;
using QuickStart.Measuring;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Study.Reports;
using VaPi.Study.Training;

namespace VaPi.Study;

/// <summary>Aligns a policy in one way and measures it as it goes.</summary>
internal static class AlignmentRun
{
    /// <summary>Makes the runs that a result file lacks.</summary>
    public static void MeasureAll(StudyOptions options, string study, IReadOnlyList<Arm> arms, Func<Arm, int> measuredEvery, CancellationToken cancellationToken)
    {
        var results = new ResultFile(options.Output, study);
        using var world = new StudyWorld();
        foreach (int seed in options.Seeds)
        {
            Arm[] left = [.. arms.Where(arm => arm.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase) && !results.Has(arm, seed))];
            if (left.Length == 0)
                continue;
            using Evaluator evaluator = world.Evaluator(seed);
            using LlamaGenPolicy start = world.Policy();
            Measurement before = evaluator.Measure(start, cancellationToken); // the same for all arms
            foreach (Arm arm in left)
                results.Add(Measure(world, evaluator, before, arm, seed, measuredEvery(arm), cancellationToken));
        }
    }

    private static List<ResultRow> Measure(
        StudyWorld world, Evaluator evaluator, Measurement before, Arm arm, int seed, int measuredEvery, CancellationToken cancellationToken)
    {
        using LlamaGenPolicy policy = world.Policy();
        using ITraining training = arm.IsPublished ? new PublishedTraining(world, policy, arm, seed) : new LibraryTraining(world, policy, arm, seed);

        var rows = new List<ResultRow>();
        double seconds = 0;
        void Add(int rollout, Measurement measured, AlignmentStep? step)
        {
            rows.Add(new ResultRow
            {
                Factor = arm.Factor,
                Value = arm.Value,
                Seed = seed,
                Rollout = rollout,
                RewardClean = measured.RewardClean,
                RewardNoisy = measured.RewardNoisy,
                Frechet = measured.Frechet,
                KlDivergence = step?.KlDivergence,
                Entropy = step?.Entropy,
                Seconds = seconds,
            });
            Console.WriteLine(
                $"{arm.Name}, seed {seed}, rollout {rollout}: reward {measured.RewardClean:F4} (clean), {measured.RewardNoisy:F4} (noisy), Frechet distance {measured.Frechet:F2}, KL {step?.KlDivergence:F4}, {seconds:F1} s");
        }

        Add(0, before, null);
        for (int rollout = 1; rollout <= arm.Rollouts; rollout++)
        {
            long started = Stopwatch.GetTimestamp();
            AlignmentStep? step = training.Step(cancellationToken);
            seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (rollout % measuredEvery == 0 || rollout == arm.Rollouts)
                Add(rollout, evaluator.Measure(policy, cancellationToken), step);
        }

        return rows;
    }
}
