using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

/// <summary>A step that does not happen leaves no trace. Dropout comes from the process's one generator, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class CancellationTests
{
    [Fact]
    public void A_step_cancelled_while_scoring_has_changed_nothing()
    {
        using var source = new CancellationTokenSource();
        AssertUndone(builder => builder.WithReward(ToyReward.Error(scored => CancelOnce(source, scored == 9))), source.Token);
    }

    [Fact]
    public void A_step_cancelled_before_its_first_update_has_changed_nothing()
    {
        using var source = new CancellationTokenSource();
        int calls = 0;
        AssertUndone(builder => builder.WithReward(ToyReward.Error(_ => { })).OnGradients(_ => CancelOnce(source, ++calls == 5)), source.Token);
    }

    [Fact]
    public void A_step_whose_reward_throws_has_changed_nothing()
    {
        bool thrown = false;
        AssertUndone(
            builder => builder.WithReward(ToyReward.Error(scored =>
            {
                if (scored != 9 || thrown)
                    return;
                thrown = true;
                throw new FormatException();
            })),
            CancellationToken.None);
    }

    [Fact]
    public void After_the_first_update_a_step_is_finished()
    {
        using var usual = new ToyWorld(dropout: 0.2);
        using var cancelled = new ToyWorld(dropout: 0.2);
        using var source = new CancellationTokenSource();
        using AlignmentTrainer usualTrainer = Several(usual.Builder()).Build();
        int calls = 0;
        using AlignmentTrainer trainer = Several(cancelled.Builder()).OnGradients(_ => CancelOnce(source, ++calls == 2)).Build();

        AlignmentStep step = trainer.Step(source.Token);

        Assert.True(source.IsCancellationRequested);
        Assert.Equal(Expect.Digest(usualTrainer.Step()), Expect.Digest(step));
        Assert.Throws<OperationCanceledException>(() => trainer.Step(source.Token));
    }

    [Fact]
    public async Task A_cancelled_run_ends_and_another_goes_on()
    {
        using var usual = new ToyWorld(dropout: 0.2);
        using var world = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer usualTrainer = usual.Trainer();
        using AlignmentTrainer trainer = world.Trainer();
        List<string> expected = Expect.Digests(usualTrainer, 4);
        using var source = new CancellationTokenSource();
        var steps = new List<string>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (AlignmentStep step in trainer.RunAsync(source.Token))
            {
                steps.Add(Expect.Digest(step));
                CancelOnce(source, steps.Count == 2);
            }
        });
        await foreach (AlignmentStep step in trainer.RunAsync().WithCancellation(CancellationToken.None))
            steps.Add(Expect.Digest(step));

        Assert.Equal(expected, steps);
        Expect.SameParameters(usual.Policy, world.Policy);
    }

    [Fact]
    public async Task A_run_cancelled_inside_a_step_reports_cancellation()
    {
        using var world = new ToyWorld();
        using var source = new CancellationTokenSource();
        using AlignmentTrainer trainer = world.Builder().WithReward(ToyReward.Error(_ => source.Cancel())).Build();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.AlignAsync(cancellationToken: source.Token));

        Assert.Equal(0, trainer.StepsDone);
        Assert.Equal(1, trainer.Step(CancellationToken.None).Index);
    }

    // Two steps, one that fails, two more: the same as four steps of a trainer in which nothing failed.
    private static void AssertUndone(Func<AlignmentTrainerBuilder, AlignmentTrainerBuilder> interrupt, CancellationToken token)
    {
        using var usual = new ToyWorld(dropout: 0.2);
        using var interrupted = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer usualTrainer = Several(usual.Builder()).WithReward(ToyReward.Error(_ => { })).Build();
        using AlignmentTrainer trainer = interrupt(Several(interrupted.Builder())).Build();
        List<string> expected = Expect.Digests(usualTrainer, 4);
        List<string> steps = [.. Enumerable.Range(0, 2).Select(_ => Expect.Digest(trainer.Step(token)))];
        using ToyPolicy before = interrupted.Policy.Copy();
        using VaPi.Alignment.State.TrainerState state = trainer.CaptureState();

        Assert.NotNull(Record.Exception(() => trainer.Step(token)));

        Expect.SameParameters(before, interrupted.Policy);
        using VaPi.Alignment.State.TrainerState after = trainer.CaptureState();
        Assert.Equal((state.Step, state.Updates, state.Epoch, state.Position), (after.Step, after.Updates, after.Epoch, after.Position));
        foreach ((string name, TorchSharp.torch.Tensor tensor) in state.Tensors)
            Expect.Identical(tensor, after.Tensors[name], name);
        steps.AddRange(Expect.Digests(trainer, 2));
        Assert.Equal(expected, steps);
        Expect.SameParameters(usual.Policy, interrupted.Policy);
    }

    // Two updates a rollout, and four chunks of samples to score.
    private static AlignmentTrainerBuilder Several(AlignmentTrainerBuilder builder) => builder.Configure(options =>
    {
        options.ImagesPerMinibatch = 2;
        options.MinibatchesPerUpdate = 1;
        options.SamplesPerDecode = 4;
    });

    private static void CancelOnce(CancellationTokenSource source, bool when)
    {
        if (when)
            source.Cancel();
    }
}
