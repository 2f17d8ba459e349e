using QuickStart.Measuring;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.Reports;

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
        Reward objective = arm.Objective(world.Reward); // the world's reward is its own to dispose
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(world.Tokenizer)
            .WithPolicy(policy)
            .WithReward(objective)
            .WithImages(world.AlignmentCrops)
            .Configure(options =>
            {
                options.Rollouts = arm.Rollouts;
                options.ImagesPerRollout = arm.Recipe.ImagesPerRollout;
                options.GroupSize = arm.Recipe.GroupSize;
                options.ContextNoise = arm.Recipe.ContextNoise;
                options.PriorWeight = arm.Recipe.PriorWeight;
                options.LearningRate = arm.Recipe.Schedule(arm.Rollouts);
                options.MonitorKl = true;
                options.SamplesPerDecode = 64;
                options.Seed = seed;
            })
            .Build();

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
                $"{arm.Name}, seed {seed}, rollout {rollout}: reward {measured.RewardClean:F4} (clean), {measured.RewardNoisy:F4} (noisy), Frechet distance {measured.Frechet:F2}, KL {step?.KlDivergence:F4}");
        }

        Add(0, before, null);
        for (int rollout = 1; rollout <= arm.Rollouts; rollout++)
        {
            AlignmentStep step = trainer.Step(cancellationToken);
            seconds += step.Seconds.Total;
            if (rollout % measuredEvery == 0 || rollout == arm.Rollouts)
                Add(rollout, evaluator.Measure(policy, cancellationToken), step);
        }

        return rows;
    }
}
