using VaPi.Alignment;
using VaPi.Alignment.Rollouts;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Alternatives;

[Collection(AloneCollection.Name)]
public class LeakTests
{
    [Fact]
    public void A_straight_through_step_leaves_no_tensors()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithStraightThrough().Build();

        Assert.Equal(Left(trainer), Left(trainer));
    }

    [Fact]
    public void A_free_running_step_leaves_no_tensors()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder()
            .WithPolicy(new ToyGenerator(world.Policy))
            .WithRollouts(new FreeRunning())
            .WithReward(new ToyReward((chunk, _) => new RewardBatch(chunk.Samples.mean([1, 2, 3])), inputs: RewardInputs.None))
            .Build();

        Assert.Equal(Left(trainer), Left(trainer));
    }

    // The tensors that exist after a step.
    private static long Left(AlignmentTrainer trainer)
    {
        trainer.Step();
        return Tensor.TotalCount;
    }
}
