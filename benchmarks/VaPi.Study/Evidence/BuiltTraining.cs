using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Study.Training;

namespace VaPi.Study.Evidence;

/// <summary>Training with the library's trainer, as an arm composes it.</summary>
internal sealed class BuiltTraining : ITraining
{
    private readonly AlignmentTrainer _trainer;

    public BuiltTraining(EvidenceRun run, LlamaGenPolicy policy)
    {
        EvidenceRecipe recipe = run.Arm.Recipe;
        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(run.World.Tokenizer)
            .WithPolicy(policy)
            .WithReward(run.Arm.Objective(run)) // what it is made of is the run's and the world's to dispose
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
                options.SamplesPerDecode = 64;
                options.Seed = run.Seed;
            });
        _trainer = run.Arm.Compose(builder).Build();
    }

    public AlignmentStep? Step(CancellationToken cancellationToken) => _trainer.Step(cancellationToken);

    public void Dispose() => _trainer.Dispose();
}
