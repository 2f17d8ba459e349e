using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Runs;
using VaPi.Checkpoints;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Runs;

/// <summary>A run that was stopped goes on as if it had not been. Dropout comes from the process's one generator, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class ResumedRunTests
{
    [Theory]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.BFloat16, true)]
    public async Task Stopped_at_every_rollout_it_is_the_run_that_was_never_stopped(ScalarType type, bool writesAtStop)
    {
        using var whole = new RunTestFolder();
        using var stopped = new RunTestFolder();
        using var usual = new ToyWorld(dropout: 0.2, type);
        using (AlignmentTrainer trainer = whole.Run(usual).Build())
            await trainer.AlignAsync();

        var resumedFrom = new List<long?>();
        for (int stop = 1; stop < 12; stop++)
        {
            using var world = new ToyWorld(dropout: 0.2, type);
            using AlignmentTrainer trainer = stopped.Run(world, run => run.CheckpointOnStop = writesAtStop).Build();
            resumedFrom.Add(trainer.ResumedFrom);
            using var source = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (AlignmentStep step in trainer.RunAsync(source.Token))
                {
                    if (step.Index == stop)
                        await source.CancelAsync();
                }
            });
        }

        using var last = new ToyWorld(dropout: 0.2, type);
        using (AlignmentTrainer trainer = stopped.Run(last).Build())
            await trainer.AlignAsync();

        Assert.Equal(writesAtStop ? [null, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [null, null, 2, 2, 4, 4, 6, 6, 8, 8, 10], resumedFrom);
        whole.AssertSame(stopped);
        Expect.SameParameters(usual.Policy, last.Policy);
    }

    [Fact]
    public async Task A_measurement_that_was_cancelled_is_made_and_written_down_after_it_is_resumed()
    {
        double[] values = [1, 2, 5, 4, 3, 6, 7, 6.5, 6.4, 6.3];
        using var whole = new RunTestFolder();
        using var stopped = new RunTestFolder();
        using var usual = new ToyWorld();
        using var measure = new ScriptedMeasure(values);
        using (AlignmentTrainer trainer = whole.Run(usual).StopEarly(measure.Stopping with { Patience = 3 }).Build())
            await trainer.AlignAsync();

        using var before = new ToyWorld();
        using var source = new CancellationTokenSource();
        using var first = new ScriptedMeasure(values) { Before = number => Cancel(source, number == 6) };
        using (AlignmentTrainer trainer = stopped.Run(before).StopEarly(first.Stopping with { Patience = 3 }).Build())
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.AlignAsync(cancellationToken: source.Token));

        using var after = new ToyWorld();
        using var second = new ScriptedMeasure(values[6..]);
        using (AlignmentTrainer trainer = stopped.Run(after).StopEarly(second.Stopping with { Patience = 3 }).Build())
        {
            Assert.Equal(6, trainer.ResumedFrom);
            await trainer.AlignAsync();
            Assert.True(trainer.StoppedEarly);
        }

        whole.AssertSame(stopped);
        Expect.SameParameters(usual.Policy, after.Policy);
        RunCheckpoint best = RunFolder.Checkpoints(stopped.Path)[^1];
        Assert.Equal((9, "scripted measure", 7), (best.Step, best.Measure, best.Value));

        static void Cancel(CancellationTokenSource source, bool when)
        {
            if (!when)
                return;
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task A_run_that_has_ended_has_nothing_left()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using (AlignmentTrainer trainer = folder.Run(world).Build())
            await trainer.AlignAsync();
        string metrics = await File.ReadAllTextAsync(folder.Metrics);

        using var again = new ToyWorld();
        using (AlignmentTrainer trainer = folder.Run(again).Build())
            Assert.Null(await trainer.AlignAsync());

        Assert.Equal(metrics, await File.ReadAllTextAsync(folder.Metrics));
        Expect.SameParameters(world.Policy, again.Policy);
    }

    [Fact]
    public void Single_steps_are_written_when_due_and_when_asked_for()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = folder.Run(world).Build();
        trainer.Step();
        Assert.Empty(folder.Steps());
        trainer.Step();
        trainer.Step();
        Assert.Equal([2], folder.Steps());

        trainer.SaveCheckpoint();

        Assert.Equal([2, 3], folder.Steps());
    }

    [Fact]
    public void A_checkpoint_that_is_written_again_after_it_is_resumed_is_the_same()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using var first = new ScriptedMeasure(1, 2, 5);
        using (AlignmentTrainer trainer = folder.Run(world).StopEarly(first.Stopping).Build())
        {
            trainer.Step();
            trainer.Step();
        }

        string manifest = File.ReadAllText(Path.Combine(folder.Checkpoint(2), "SHA256SUMS"));
        using var again = new ToyWorld();
        using var second = new ScriptedMeasure();
        using (AlignmentTrainer trainer = folder.Run(again).StopEarly(second.Stopping).Build())
            trainer.SaveCheckpoint();

        Assert.Equal(manifest, File.ReadAllText(Path.Combine(folder.Checkpoint(2), "SHA256SUMS")));
        Assert.Equal(5, RunFolder.Checkpoints(folder.Path)[^1].Value);
        Assert.Equal(["00000002"], folder.Entries());
    }

    [Fact]
    public void Half_a_rollout_is_not_written()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        int updates = 0;
        using AlignmentTrainer trainer = folder.Run(world)
            .OnGradients(_ => Fail(++updates == 2))
            .Build();
        Assert.Throws<InvalidDataException>(() => trainer.Step());

        Assert.Contains("half a rollout", Assert.Throws<InvalidOperationException>(trainer.SaveCheckpoint).Message, StringComparison.Ordinal);
        Assert.Empty(folder.Steps());

        static void Fail(bool now)
        {
            if (now)
                throw new InvalidDataException("a hook that fails");
        }
    }

    [Fact]
    public void The_policy_file_holds_the_weights_in_full_precision()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using AlignmentTrainer trainer = folder.Run(world).Build();
        trainer.Step();
        trainer.SaveCheckpoint();

        IReadOnlyDictionary<string, Tensor> stored = Checkpoint.Load(RunFolder.Checkpoints(folder.Path)[0].PolicyPath);
        IReadOnlyDictionary<string, Tensor> own = trainer.CopyWeights();

        Assert.Equal(own.Keys.Order(), stored.Keys.Order());
        foreach ((string name, Tensor weight) in own)
        {
            Assert.Equal(ScalarType.Float32, stored[name].dtype);
            Expect.Identical(weight, stored[name], name);
            weight.Dispose();
            stored[name].Dispose();
        }
    }

    [Fact]
    public void A_trainer_with_a_folder_restores_nothing_else_and_one_without_saves_nothing()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = folder.Run(world).Build();
        using VaPi.Alignment.State.TrainerState state = trainer.CaptureState();
        using AlignmentTrainer plain = world.Trainer();

        Assert.Contains("run folder", Assert.Throws<InvalidOperationException>(() => trainer.RestoreState(state)).Message, StringComparison.Ordinal);
        Assert.Contains("WithRunFolder", Assert.Throws<InvalidOperationException>(plain.SaveCheckpoint).Message, StringComparison.Ordinal);
    }
}
