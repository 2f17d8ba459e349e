using VaPi.Alignment;
using VaPi.Alignment.State;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

[Collection(AloneCollection.Name)]
public class MemoryTests
{
    private const double Megabyte = 1 << 20;

    [Fact]
    public void A_run_does_not_grow()
    {
        using var world = new ToyWorld(dropout: 0.1);
        AlignmentTrainer Trainer() => world
            .Builder(options => (options.KlWeight, options.TopK, options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (0.1, 6, 2, 1))
            .WithReward(Reward.MeanSquaredError() + 0.5 * Reward.MeanAbsoluteError())
            .OnGradients(_ => { })
            .Build();
        void Steps(AlignmentTrainer trainer, int count)
        {
            for (int step = 0; step < count; step++)
                trainer.Step();
        }

        // Another trainer goes first: a fresh process grows by 12 MB, once, while the runtime compiles what is called often.
        using (AlignmentTrainer first = Trainer())
            Steps(first, 200);

        using AlignmentTrainer trainer = Trainer();
        Steps(trainer, 50);
        (long tensorsBefore, long memoryBefore) = Reading();
        Steps(trainer, 150);
        (long tensorsAfter, long memoryAfter) = Reading();

        Assert.Equal(tensorsBefore, tensorsAfter);
        Assert.InRange((memoryAfter - memoryBefore) / Megabyte, double.NegativeInfinity, 8);
    }

    [Theory]
    [InlineData(AlignmentMode.Training)]
    [InlineData(AlignmentMode.Evaluation)]
    [InlineData(AlignmentMode.Twice)]
    public void Nothing_is_left_of_a_trainer(AlignmentMode mode)
    {
        using var world = new ToyWorld(dropout: 0.1);
        (long before, _) = Reading();

        using (AlignmentTrainer trainer = world.Trainer(options => options.Mode = mode))
        {
            trainer.Step();
            using TrainerState state = trainer.CaptureState();
            trainer.RestoreState(state);
            trainer.Step();
        }

        Assert.Equal(before, Reading().Tensors);
    }

    // By hand, since TorchSharp goes on counting the tensor that a parameter was made of.
    [Fact]
    public void The_reference_is_disposed_with_the_trainer_that_made_it()
    {
        using var world = new ToyWorld();
        using (AlignmentTrainer trainer = world.Trainer(options => options.MonitorKl = true))
        {
            trainer.Step();
            Assert.False(Assert.Single(world.Policy.References).IsDisposed);
        }

        Assert.True(world.Policy.References[0].IsDisposed);
        Assert.False(world.Policy.IsDisposed);
    }

    [Fact]
    public void Nothing_is_left_of_steps_that_fail()
    {
        using var world = new ToyWorld();
        (long before, _) = Reading();

        // Until a trainer is disposed it keeps the images for another attempt.
        using (AlignmentTrainer scoring = world.Builder().WithReward(ToyReward.Error(_ => throw new FormatException())).Build())
            Assert.Throws<RewardException>(() => scoring.Step());
        using (AlignmentTrainer updating = world.Builder().OnGradients(_ => throw new FormatException()).Build())
            Assert.Throws<FormatException>(() => updating.Step());

        Assert.Equal(before, Reading().Tensors);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_run()
    {
        using var world = new ToyWorld();
        (long before, _) = Reading();
        using (AlignmentTrainer trainer = world.Trainer())
            await trainer.AlignAsync();

        Assert.Equal(before, Reading().Tensors);
    }

    private static (long Tensors, long Memory) Reading()
    {
        // Aggressive: gives free managed memory back to the system, so that what is left to grow is native.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (Tensor.TotalCount, Environment.WorkingSet);
    }
}
