using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Alignment.Stopping;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Stopping;

public class StoppingStateTests
{
    [Fact]
    public async Task A_resumed_run_stops_where_it_would_have_stopped_with_the_same_policy()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("trainer.safetensors");
        using var uninterrupted = new FewImages();
        using AlignmentTrainer whole = Trainer(uninterrupted);
        List<AlignmentStep> expected = await Run(whole, 200);

        // Half of the steps since the best one are made before the interruption, half after it.
        int interruption = (int)whole.Best!.Step + 5;
        using var before = new FewImages();
        using (AlignmentTrainer first = Trainer(before))
        {
            await Run(first, interruption);
            using TrainerState captured = first.CaptureState();
            captured.Save(path);
        }

        using var after = new FewImages();
        using AlignmentTrainer second = Trainer(after);
        using TrainerState loaded = TrainerState.Load(path);
        second.RestoreState(loaded);
        Assert.Equal(whole.Best, second.Best);
        List<AlignmentStep> rest = await Run(second, 200);

        Assert.True(whole.StoppedEarly && second.StoppedEarly);
        Assert.Equal(expected.Skip(interruption).Select(step => step.HeldOut), rest.Select(step => step.HeldOut));
        Assert.Equal(expected.Skip(interruption).Select(Expect.Digest), rest.Select(Expect.Digest));
        Expect.SameParameters(uninterrupted.Policy, after.Policy);

        static AlignmentTrainer Trainer(FewImages images) =>
            images.Builder(_ => { }).StopEarly(images.OnHeldOutReward() with { Every = 3, Patience = 4 }).Build();
    }

    [Fact]
    public async Task A_run_that_has_ended_stays_so()
    {
        using var world = new ToyWorld();
        using var measure = new ScriptedMeasure(3, 2, 1);
        using AlignmentTrainer ended = world.Builder().StopEarly(measure.Stopping).Build();
        await ended.AlignAsync();
        using TrainerState captured = ended.CaptureState();
        using var other = new ToyWorld();
        using var unused = new ScriptedMeasure();
        using AlignmentTrainer restored = other.Builder().StopEarly(unused.Stopping).Build();

        restored.RestoreState(captured);

        Assert.Equal((true, new HeldOutMeasurement(0, 3)), (restored.StoppedEarly, restored.Best));
        Assert.Null(await restored.AlignAsync());
        Expect.SameParameters(world.Policy, other.Policy);
    }

    [Fact]
    public void A_trainer_goes_back_to_before_its_first_measurement()
    {
        using var world = new ToyWorld();
        using var measure = new ScriptedMeasure(1, 2, 5, 6);
        using AlignmentTrainer trainer = world.Builder().StopEarly(measure.Stopping).Build();
        using TrainerState captured = trainer.CaptureState();
        trainer.Step();

        trainer.RestoreState(captured);

        Assert.Null(trainer.Best);
        Assert.Equal(6, trainer.Step().HeldOut);
        Expect.SameParameters(measure.Measured[0], measure.Measured[2]);
    }

    [Fact]
    public void The_state_of_a_run_without_early_stopping_is_refused_by_name()
    {
        using var world = new ToyWorld();
        using var measure = new ScriptedMeasure();
        using AlignmentTrainer plain = world.Trainer();
        using AlignmentTrainer stopping = world.Builder().StopEarly(measure.Stopping).Build();
        using TrainerState captured = plain.CaptureState();

        var exception = Assert.Throws<ArgumentException>(() => stopping.RestoreState(captured));

        Assert.Contains("'stopping.numbers' is missing; 'stopping.best.classes.weight' is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("early stopping", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_with_early_stopping_resumes_a_run_without_it()
    {
        using var world = new ToyWorld();
        using var measure = new ScriptedMeasure(1, 2);
        using AlignmentTrainer stopping = world.Builder().StopEarly(measure.Stopping).Build();
        stopping.Step();
        using TrainerState captured = stopping.CaptureState();
        using var other = new ToyWorld();
        using AlignmentTrainer plain = other.Trainer();

        plain.RestoreState(captured);

        Assert.Equal(1, plain.StepsDone);
        Expect.SameParameters(world.Policy, other.Policy);
    }

    private static async Task<List<AlignmentStep>> Run(AlignmentTrainer trainer, int atMost)
    {
        var steps = new List<AlignmentStep>();
        await foreach (AlignmentStep step in trainer.RunAsync())
        {
            steps.Add(step);
            if (steps.Count == atMost)
                break;
        }

        return steps;
    }
}
