using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;

namespace VaPi.Study.Evidence;

/// <summary>Training with the library's trainer, as an arm composes it.</summary>
internal sealed class BuiltTraining : IDisposable
{
    private const int DeviationImages = 32;
    private const int SamplesPerDecode = 64;

    private readonly AlignmentTrainer _trainer;

    public BuiltTraining(EvidenceRun run, LlamaGenPolicy policy)
    {
        EvidenceRecipe recipe = run.Arm.Recipe;
        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(run.World.Tokenizer)
            .WithPolicy(policy)
            .WithReward(Objective(run, policy)) // what it is made of is the run's and the world's to dispose
            .WithImages(run.World.Training)
            .Configure(options =>
            {
                options.Rollouts = run.Rollouts;
                options.ImagesPerRollout = recipe.ImagesPerRollout;
                options.GroupSize = recipe.GroupSize;
                options.ContextNoise = recipe.ContextNoise;
                options.PriorWeight = recipe.PriorWeight;
                options.KlWeight = recipe.KlWeight;
                options.LearningRate = recipe.LearningRate;
                options.MonitorKl = true;
                options.BatchesAhead = 0; // hours of runs meet what a second thread that allocates can do: docs/native-backends.md
                options.MaximumSkippedRollouts = run.Rollouts; // a run that diverges is a result, not the study's end
                options.SamplesPerDecode = SamplesPerDecode;
                options.Seed = run.Seed;
            });
        _trainer = run.Arm.Compose(builder).Build();
    }

    public AlignmentStep Step(CancellationToken cancellationToken) => _trainer.Step(cancellationToken);

    public void Dispose() => _trainer.Dispose();

    private static IRewardFunction Objective(EvidenceRun run, LlamaGenPolicy policy)
    {
        IRewardFunction objective = run.Arm.Objective(run);
        if (!run.Arm.IsRewardInDeviations)
            return objective;
        EvidenceRecipe recipe = run.Arm.Recipe;
        var options = new AlignmentOptions
        {
            ImagesPerRollout = recipe.ImagesPerRollout,
            GroupSize = recipe.GroupSize,
            ContextNoise = recipe.ContextNoise,
            SamplesPerDecode = SamplesPerDecode,
            Seed = run.Seed,
        };
        double deviation = HeldOutReward.Measure(policy, run.World.Tokenizer, objective, run.World.Training, options, DeviationImages).GroupDeviation;
        return Reward.Multiply(objective, 1 / deviation);
    }
}
