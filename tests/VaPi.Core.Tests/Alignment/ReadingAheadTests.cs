using System.Diagnostics;
using VaPi.Alignment;
using VaPi.Alignment.State;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

/// <summary>Images are read ahead, and that shows in nothing but time.</summary>
public class ReadingAheadTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void The_next_batches_are_read_while_a_step_computes()
    {
        using var world = new ToyWorld();
        using var third = new ManualResetEventSlim();
        int calls = 0;
        var images = new ToyImages(world.Images, _ => Begun(++calls, third));
        bool wasRead = false;
        using AlignmentTrainer trainer = world.Builder().WithImages(images).WithReward(ToyReward.Error(_ => wasRead = third.Wait(Long))).Build();

        trainer.Step();

        Assert.True(wasRead);

        static void Begun(int call, ManualResetEventSlim third)
        {
            if (call == 3)
                third.Set();
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public void Without_reading_ahead_each_batch_is_read_on_the_steps_thread(int ahead, bool inMemory)
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images) { IsInMemory = inMemory };
        using AlignmentTrainer trainer = world.Builder(options => options.BatchesAhead = ahead).WithImages(images).Build();

        trainer.Step();
        trainer.Step();

        Assert.Equal(2, images.Calls.Count);
        Assert.All(images.Threads, thread => Assert.Same(Thread.CurrentThread, thread));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_more_is_read_than_was_asked_for(int ahead)
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images);
        using AlignmentTrainer trainer = world.Builder(options => (options.Rollouts, options.BatchesAhead) = (6, ahead)).WithImages(images).Build();
        Thread.Sleep(Moment);
        Assert.Empty(images.Calls);

        var read = new List<int>();
        for (int step = 1; step <= 8; step++)
        {
            trainer.Step();
            int expected = step <= 6 ? Math.Min(step + ahead, 6) : step;
            Assert.True(SpinWait.SpinUntil(() => images.Calls.Count >= expected, Long));
            Thread.Sleep(Moment);
            Assert.Equal(expected, images.Calls.Count);
        }
    }

    [Fact]
    public void One_thread_reads_and_one_call_at_a_time()
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images, _ => Thread.Sleep(2));
        using (AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 12).WithImages(images).Build())
        {
            Expect.Digests(trainer, 3);
            using TrainerState state = trainer.CaptureState();
            Expect.Digests(trainer, 2);
            trainer.RestoreState(state);
            Expect.Digests(trainer, 2);
        }

        Thread reader = Assert.Single(images.Threads.Distinct());
        Assert.NotSame(Thread.CurrentThread, reader);
        Assert.False(images.Overlapped);
        Assert.True(reader.Join(Long), "the thread has not ended with the trainer");
    }

    [Fact]
    public void The_state_knows_the_batches_taken_and_not_those_read()
    {
        using var world = new ToyWorld();
        using var other = new ToyWorld();
        var images = new ToyImages(world.Images);
        using AlignmentTrainer trainer = world.Builder(options => (options.Rollouts, options.BatchesAhead) = (20, 4)).WithImages(images).Build();
        using AlignmentTrainer plain = other.Trainer(options => options.Rollouts = 20);

        for (int step = 0; step < 6; step++)
        {
            Assert.Equal(Expect.Digest(plain.Step()), Expect.Digest(trainer.Step()));
            using TrainerState expected = plain.CaptureState();
            using TrainerState state = trainer.CaptureState();
            Assert.Equal((expected.Epoch, expected.Position), (state.Epoch, state.Position));
        }
    }

    [Fact]
    public void Going_back_reads_again_from_there()
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images);
        using AlignmentTrainer trainer = world.Builder(options => options.Rollouts = 20).WithImages(images).Build();
        trainer.Step();
        using TrainerState state = trainer.CaptureState();
        List<string> expected = Expect.Digests(trainer, 4);

        trainer.RestoreState(state);

        Assert.Equal(expected, Expect.Digests(trainer, 4));
    }

    [Fact]
    public void A_step_that_failed_or_was_cancelled_has_the_same_images_again()
    {
        using var usual = new ToyWorld();
        using var world = new ToyWorld();
        using var source = new CancellationTokenSource();
        var images = new ToyImages(world.Images);
        using AlignmentTrainer plain = usual.Builder().WithReward(ToyReward.Error(_ => { })).Build();
        using AlignmentTrainer trainer = world.Builder().WithImages(images).WithReward(ToyReward.Error(scored => Interrupt(scored, source))).Build();
        List<string> expected = Expect.Digests(plain, 4);

        List<string> steps = [Expect.Digest(trainer.Step())];
        Assert.Throws<VaPi.Rewards.RewardException>(() => trainer.Step());
        steps.Add(Expect.Digest(trainer.Step()));
        Assert.Throws<OperationCanceledException>(() => trainer.Step(source.Token));
        steps.AddRange(Expect.Digests(trainer, 2));

        Assert.Equal(expected, steps);
        Assert.Equal(4, images.Calls.Count);

        static void Interrupt(int scored, CancellationTokenSource source)
        {
            if (scored == 2)
                throw new FormatException();
            if (scored == 4)
                source.Cancel();
        }
    }

    [Fact]
    public void An_error_of_the_source_is_thrown_by_the_step_that_would_have_had_the_batch()
    {
        using var usual = new ToyWorld();
        using var world = new ToyWorld();
        int calls = 0;
        var images = new ToyImages(world.Images, _ => FailOnce(++calls));
        using AlignmentTrainer plain = usual.Trainer();
        using AlignmentTrainer trainer = world.Builder().WithImages(images).Build();
        List<string> expected = Expect.Digests(plain, 4);
        List<string> steps = [Expect.Digest(trainer.Step())];
        Assert.True(SpinWait.SpinUntil(() => images.Calls.Count == 3, Long));
        steps.Add(Expect.Digest(trainer.Step()));

        var error = Assert.Throws<FormatException>(() => trainer.Step());

        Assert.Contains(nameof(FailOnce), error.StackTrace, StringComparison.Ordinal);
        Thread.Sleep(Moment);
        Assert.Equal(3, images.Calls.Count);
        steps.AddRange(Expect.Digests(trainer, 2));
        Assert.Equal(expected, steps);

        static void FailOnce(int call)
        {
            if (call == 3)
                throw new FormatException();
        }
    }

    [Fact]
    public void Waiting_for_images_can_be_cancelled()
    {
        using var usual = new ToyWorld();
        using var world = new ToyWorld();
        using var open = new ManualResetEventSlim();
        using var source = new CancellationTokenSource();
        var images = new ToyImages(world.Images, _ => open.Wait(Long));
        using AlignmentTrainer plain = usual.Trainer();
        using AlignmentTrainer trainer = world.Builder().WithImages(images).Build();
        using var later = new Timer(_ => source.Cancel(), null, Moment, Timeout.InfiniteTimeSpan);

        long began = Stopwatch.GetTimestamp();
        Assert.Throws<OperationCanceledException>(() => trainer.Step(source.Token));

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, Long.TotalSeconds / 2);
        open.Set();
        Assert.Equal(Expect.Digests(plain, 3), Expect.Digests(trainer, 3));
    }
}
