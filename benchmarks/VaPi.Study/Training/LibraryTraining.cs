using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;

namespace VaPi.Study.Training;

/// <summary>Training with the library's trainer.</summary>
internal sealed class LibraryTraining : ITraining
{
    private readonly AlignmentTrainer _trainer;

    public LibraryTraining(StudyWorld world, LlamaGenPolicy policy, Arm arm, int seed)
    {
        _trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(world.Tokenizer)
            .WithPolicy(policy)
            .WithReward(arm.Objective(world.Reward)) // the world's reward is its own to dispose
            .WithImages(world.AlignmentCrops)
            .Configure(options =>
            {
                options.Rollouts = arm.Rollouts;
                options.ImagesPerRollout = arm.Recipe.ImagesPerRollout;
                options.GroupSize = arm.Recipe.GroupSize;
                options.ContextNoise = arm.Recipe.ContextNoise;
                options.PriorWeight = arm.Recipe.PriorWeight;
                options.LearningRate = arm.Recipe.Schedule(arm.Rollouts);
                options.Mode = arm.Mode;
                options.MonitorKl = arm.MonitorKl;
                options.SamplesPerDecode = 64;
                options.Seed = seed;
            })
            .Build();
    }

    public AlignmentStep? Step(CancellationToken cancellationToken) => _trainer.Step(cancellationToken);

    public void Dispose() => _trainer.Dispose();
}
