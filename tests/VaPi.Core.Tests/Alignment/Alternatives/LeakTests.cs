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

        AssertNothingLeft(trainer);
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

        AssertNothingLeft(trainer);
    }

    private static void AssertNothingLeft(AlignmentTrainer trainer)
    {
        trainer.Step(); // what is made once is made
        long before = LiveTensors.Settled();
        trainer.Step();
        Assert.Equal(before, Tensor.TotalCount);
    }
}
