using QuickStart.Photographs;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Benchmarks.Step;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Study.Training;

/// <summary>Training as the published code arranges it, in evaluation mode and by the same recipe.</summary>
internal sealed class PublishedTraining : ITraining
{
    private readonly PublishedArrangement _arrangement;
    private readonly CropBatches _batches;
    private readonly Schedule _learningRate;
    private int _rollouts;

    public PublishedTraining(StudyWorld world, LlamaGenPolicy policy, Arm arm, int seed)
    {
        random.manual_seed(seed);
        _batches = new CropBatches(world.AlignmentCrops, arm.Recipe.ImagesPerRollout, seed);
        _learningRate = arm.Recipe.Schedule(arm.Rollouts);
        _arrangement = new PublishedArrangement(policy, world.Tokenizer, arm.Objective(world.Reward), new PublishedSettings
        {
            GroupSize = arm.Recipe.GroupSize,
            ContextNoise = arm.Recipe.ContextNoise,
            PriorWeight = arm.Recipe.PriorWeight,
        });
    }

    public AlignmentStep? Step(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using ImageBatch batch = _batches.Next();
        _arrangement.Step(new RolloutDraws(batch.Images, batch.Condition, Context: null, Samples: null), _learningRate.At(_rollouts++));
        return null;
    }

    public void Dispose() => _arrangement.Dispose();
}
