using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

[Collection(AloneCollection.Name)]
public class RewardOwnershipTests(DiscriminatorFiles files) : IClassFixture<DiscriminatorFiles>
{
    [Fact]
    public void Nothing_is_left_of_a_discriminator()
    {
        string path = files.Write();
        long before = LiveTensors.Settled();

        using (PatchGanReward reward = Reward.PatchGan(path))
        {
            using DisposeScope scope = NewDisposeScope();
            using IRewardScorer scorer = reward.Prepare(null, new NoCondition(1));
            using RewardBatch scored = scorer.Score(new RewardChunk(zeros(2, 3, 24, 24), zeros([2, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, 1));
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Nothing_is_left_of_a_discriminator_that_cannot_be_loaded()
    {
        string path = files.Write(change: tensors => tensors.Remove("main.11.bias"));
        long before = LiveTensors.Settled();

        Assert.Throws<CheckpointException>(() => Reward.PatchGan(path));

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_discriminator_made_in_a_dispose_scope_outlives_it()
    {
        string path = files.Write();
        PatchGanReward reward;
        using (NewDisposeScope())
            reward = Reward.PatchGan(path);

        using (reward)
        {
            using DisposeScope scope = NewDisposeScope();
            Assert.Equal([1, 1, 1, 1], reward.Logits(zeros(1, 3, 24, 24)).shape);
        }
    }

    [Fact]
    public void Statistics_of_a_reward_leave_nothing()
    {
        using var world = new ToyWorld();
        using var trainer = world.Builder().WithReward(Reward.MeanSquaredError() - 0.5 * Reward.MeanAbsoluteError()).Build();
        trainer.Step();
        long before = LiveTensors.Settled();

        trainer.Step();

        Assert.Equal(before, Tensor.TotalCount);
    }
}
