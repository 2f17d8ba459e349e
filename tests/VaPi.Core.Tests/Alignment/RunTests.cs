using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

public class RunTests
{
    [Fact]
    public async Task A_run_makes_the_rollouts_that_are_left()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer(options => options.Rollouts = 3);
        trainer.Step();

        var indices = new List<long>();
        await foreach (AlignmentStep step in trainer.RunAsync())
            indices.Add(step.Index);

        Assert.Equal([2, 3], indices);
        Assert.Equal(3, trainer.StepsDone);
        Assert.Null(await trainer.AlignAsync());
    }

    [Fact]
    public async Task A_run_trains_as_single_steps_do()
    {
        using var stepped = new ToyWorld();
        using var ran = new ToyWorld();
        using AlignmentTrainer stepping = stepped.Trainer();
        using AlignmentTrainer running = ran.Trainer();
        List<string> expected = Expect.Digests(stepping, 4);

        var steps = new List<string>();
        await foreach (AlignmentStep step in running.RunAsync())
            steps.Add(Expect.Digest(step));

        Assert.Equal(expected, steps);
        Expect.SameParameters(stepped.Policy, ran.Policy);
    }

    [Fact]
    public async Task No_step_runs_while_an_item_is_held()
    {
        using var world = new ToyWorld();
        var reward = ToyReward.Error(_ => { });
        using AlignmentTrainer trainer = world.Builder().WithReward(reward).Build();

        long held = 0;
        await foreach (AlignmentStep step in trainer.RunAsync())
        {
            held++;

            // A step of the toy takes a few milliseconds.
            await Task.Delay(60);
            Assert.Equal((held, held, held), (step.Index, trainer.StepsDone, reward.Prepared));
        }

        Assert.Equal(4, held);
    }

    [Fact]
    public async Task Steps_run_on_one_thread_that_is_not_the_consumers()
    {
        using var world = new ToyWorld();
        var threads = new List<int>();
        using AlignmentTrainer trainer = world.Builder().WithReward(ToyReward.Error(_ => threads.Add(Environment.CurrentManagedThreadId))).Build();

        await foreach (AlignmentStep step in trainer.RunAsync())
            Assert.NotEqual(threads[^1], Environment.CurrentManagedThreadId);

        Assert.Single(threads.Distinct());
    }

    [Fact]
    public async Task While_a_run_is_under_way_nothing_else_starts()
    {
        using var world = new ToyWorld();
        AlignmentTrainer trainer = world.Trainer();
        await using (IAsyncEnumerator<AlignmentStep> run = trainer.RunAsync().GetAsyncEnumerator())
        {
            await run.MoveNextAsync();
            await using IAsyncEnumerator<AlignmentStep> second = trainer.RunAsync().GetAsyncEnumerator();

            var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await second.MoveNextAsync());
            Assert.Contains("Another step or run of this trainer is under way", exception.Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => trainer.Step());

            Assert.True(await run.MoveNextAsync());
            Assert.Equal(2, run.Current.Index);
        }

        Assert.Equal(3, trainer.Step().Index);
        trainer.Dispose();
    }

    [Fact]
    public void A_step_from_inside_a_step_is_refused()
    {
        using var world = new ToyWorld();
        AlignmentTrainer? trainer = null;
        Exception? inner = null;
        using (trainer = world.Builder().WithReward(ToyReward.Error(_ => inner = Record.Exception(() => trainer!.Step()))).Build())
            trainer.Step();

        Assert.IsType<InvalidOperationException>(inner);
    }

    [Fact]
    public async Task Leaving_a_run_early_ends_it_and_the_trainer_goes_on()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        await foreach (AlignmentStep step in trainer.RunAsync())
            break;

        Assert.Equal(1, trainer.StepsDone);
        Assert.Equal(2, trainer.Step().Index);
        var rest = new List<long>();
        await foreach (AlignmentStep step in trainer.RunAsync())
            rest.Add(step.Index);
        Assert.Equal([3, 4], rest);
    }

    [Fact]
    public async Task AlignAsync_reports_every_step_and_returns_the_last()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        var progress = new Reports();

        AlignmentStep? last = await trainer.AlignAsync(progress);

        Assert.Equal([1, 2, 3, 4], progress.Steps.Select(step => step.Index));
        Assert.Same(progress.Steps[^1], last);
    }

    [Fact]
    public async Task An_error_in_a_step_reaches_the_consumer_and_ends_the_run()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world
            .Builder()
            .WithReward(ToyReward.Error(scored =>
            {
                if (scored == 2)
                    throw new FormatException("of the test");
            }))
            .Build();

        var exception = await Assert.ThrowsAsync<VaPi.Rewards.RewardException>(() => trainer.AlignAsync());

        Assert.Equal("of the test", exception.InnerException!.Message);
        Assert.Equal(1, trainer.StepsDone);
        Assert.Equal(2, trainer.Step().Index);
    }

    [Fact]
    public async Task A_disposed_trainer_says_so()
    {
        using var world = new ToyWorld();
        AlignmentTrainer trainer = world.Trainer();
        using VaPi.Alignment.State.TrainerState state = trainer.CaptureState();
        trainer.Dispose();
        trainer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => trainer.Step());
        Assert.Throws<ObjectDisposedException>(trainer.CaptureState);
        Assert.Throws<ObjectDisposedException>(() => trainer.RestoreState(state));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => trainer.AlignAsync());
    }

    [Fact]
    public void Disposing_leaves_the_callers_parts_alone()
    {
        using var world = new ToyWorld();
        using (AlignmentTrainer first = world.Trainer(options => options.KlWeight = 0.1))
            first.Step();

        using AlignmentTrainer second = world.Trainer();
        Assert.Equal(1, second.Step().Index);
    }

    private sealed class Reports : IProgress<AlignmentStep>
    {
        public List<AlignmentStep> Steps { get; } = [];

        public void Report(AlignmentStep value) => Steps.Add(value);
    }
}
