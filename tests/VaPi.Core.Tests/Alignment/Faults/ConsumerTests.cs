using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Tests.Alignment.Runs;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Faults;

/// <summary>Consumers that stop reading, and callers that ask for two things at once.</summary>
[Collection(AloneCollection.Name)]
public class ConsumerTests
{
    [Fact]
    public async Task Disposing_the_trainer_ends_a_run_whose_consumer_reads_no_more()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        long before = LiveTensors.Settled();
        AlignmentTrainer trainer = Run(world).Build();
        IAsyncEnumerator<AlignmentStep> run = trainer.RunAsync().GetAsyncEnumerator();
        await run.MoveNextAsync();
        await run.MoveNextAsync();

        trainer.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await run.MoveNextAsync());
        await run.DisposeAsync();
        Assert.Equal(before, LiveTensors.Settled());

        // The folder is free, and the checkpoint of the second rollout is there.
        using var again = new ToyWorld();
        using AlignmentTrainer resumed = Run(again).Build();
        Assert.Equal(2, resumed.ResumedFrom);

        // A reference would be a copy of the toy policy, whose handles are the test's own matter.
        AlignmentTrainerBuilder Run(ToyWorld of) => folder.Run(of).Configure(options => options.KlWeight = 0);
    }

    [Fact]
    public async Task A_consumer_that_leaves_gets_a_checkpoint_where_it_left()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = folder.Run(world).Build();

        await foreach (AlignmentStep step in trainer.RunAsync())
        {
            if (step.Index == 3)
                break;
        }

        Assert.Equal([2, 3], folder.Steps());
        Assert.Equal(4, trainer.Step().Index);
    }

    [Fact]
    public async Task A_consumer_that_throws_gets_its_own_exception_and_a_checkpoint()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = folder.Run(world).Build();

        await Assert.ThrowsAsync<FormatException>(() => trainer.AlignAsync(new Throwing()));

        Assert.Equal([1], folder.Steps());
    }

    [Fact]
    public async Task A_reward_that_throws_leaves_a_run_that_can_be_saved_and_goes_on()
    {
        using var whole = new RunTestFolder();
        using var folder = new RunTestFolder();
        using var usual = new ToyWorld();
        using (AlignmentTrainer trainer = whole.Run(usual).WithReward(ToyReward.Error(_ => { })).Build())
            await trainer.AlignAsync();
        using var world = new ToyWorld();
        bool thrown = false;
        using (AlignmentTrainer trainer = folder.Run(world).WithReward(ToyReward.Error(scored => ThrowOnce(scored))).Build())
        {
            var error = await Assert.ThrowsAsync<VaPi.Rewards.RewardException>(() => trainer.AlignAsync());
            Assert.Equal("toy", error.RewardName);
            Assert.Equal(5, folder.Steps()[^1]);
            await trainer.AlignAsync();
        }

        whole.AssertSame(folder);

        void ThrowOnce(int scored)
        {
            if (scored != 6 || thrown)
                return;
            thrown = true;
            throw new FormatException();
        }
    }

    [Fact]
    public async Task A_rollout_that_fails_between_two_updates_is_not_written()
    {
        using var whole = new RunTestFolder();
        using var folder = new RunTestFolder();
        using var usual = new ToyWorld();
        using (AlignmentTrainer trainer = whole.Run(usual).Build())
            await trainer.AlignAsync();
        using var world = new ToyWorld();
        int calls = 0;
        using (AlignmentTrainer trainer = folder.Run(world).OnGradients(_ => ThrowAt(++calls == 10)).Build())
            await Assert.ThrowsAsync<FormatException>(() => trainer.AlignAsync());
        Assert.Equal([2, 4], folder.Steps());

        using var again = new ToyWorld();
        using (AlignmentTrainer trainer = folder.Run(again).Build())
            await trainer.AlignAsync();

        whole.AssertSame(folder);

        static void ThrowAt(bool now)
        {
            if (now)
                throw new FormatException();
        }
    }

    [Fact]
    public void Nothing_is_disposed_or_restored_in_the_middle_of_a_step()
    {
        using var world = new ToyWorld();
        AlignmentTrainer? trainer = null;
        TrainerState? state = null;
        var refused = new List<string>();
        using (trainer = world.Builder().OnGradients(_ => refused.AddRange(Refused(trainer!, state!))).Build())
        {
            state = trainer.CaptureState();
            trainer.Step();
            state.Dispose();
        }

        Assert.Equal(3, refused.Count);
        Assert.Contains("cannot be disposed while a step is under way; cancel it and await its end first", refused[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_under_two_names_is_refused()
    {
        using var world = new ToyWorld();
        using var twice = new NamedTwice(world.Policy);

        var refused = Assert.Throws<InvalidOperationException>(() => world.Builder().WithPolicy(twice).Build());

        Assert.Contains("One of the policy's NamedParameters comes 2 times, as 'norm.weight' and 'again'; a weight that is shared must be named once.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trainer_that_cannot_be_built_leaves_nothing_behind()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using var failing = new NamedTwice(world.Policy) { IsNamedOnce = true };
        long before = LiveTensors.Settled();

        Assert.Throws<FormatException>(() => world.Builder(options => options.KlWeight = 1).WithPolicy(failing).WithRunFolder(folder.Path).Build());

        Assert.Equal(before, LiveTensors.Settled());
        folder.Run(world).Build().Dispose();
    }

    private static IEnumerable<string> Refused(AlignmentTrainer trainer, TrainerState state) =>
    [
        Assert.Throws<InvalidOperationException>(trainer.Dispose).Message,
        Assert.Throws<InvalidOperationException>(() => trainer.RestoreState(state)).Message,
        Assert.Throws<InvalidOperationException>(trainer.SaveCheckpoint).Message,
    ];

    private sealed class Throwing : IProgress<AlignmentStep>
    {
        public void Report(AlignmentStep value) => throw new FormatException();
    }
}
