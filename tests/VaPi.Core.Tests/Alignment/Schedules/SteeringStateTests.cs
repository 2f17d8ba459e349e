using VaPi.Alignment;
using VaPi.Alignment.Schedules;
using VaPi.Alignment.State;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Schedules;

public class SteeringStateTests
{
    [Fact]
    public void A_resumed_run_is_steered_on_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("trainer.safetensors");
        using var uninterrupted = new ToyWorld();
        using AlignmentTrainer whole = Steered(uninterrupted);
        List<string> expected = Expect.Digests(whole, 6);

        using var before = new ToyWorld();
        using (AlignmentTrainer first = Steered(before))
        {
            Expect.Digests(first, 3);
            using TrainerState captured = first.CaptureState();
            captured.Save(path);
        }

        using var after = new ToyWorld();
        using AlignmentTrainer second = Steered(after);
        using TrainerState loaded = TrainerState.Load(path);
        second.RestoreState(loaded);

        Assert.Equal(expected.Skip(3), Expect.Digests(second, 3));
        Expect.SameParameters(uninterrupted.Policy, after.Policy);
    }

    [Fact]
    public void The_state_of_a_run_that_was_not_steered_is_refused_by_name()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer plain = world.Trainer();
        using AlignmentTrainer steered = Steered(world);
        using TrainerState captured = plain.CaptureState();

        var exception = Assert.Throws<ArgumentException>(() => steered.RestoreState(captured));

        Assert.Contains("'steering.context-noise' is missing; 'steering.learning-rate' is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("with the steered schedules", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0.0)]
    [InlineData(1.5)]
    public void A_factor_that_steering_cannot_have_reached_is_refused_and_changes_nothing(double factor)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Steered(world);
        using TrainerState captured = trainer.CaptureState();
        Dictionary<string, Tensor> tensors = captured.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        tensors["steering.learning-rate"][1] = tensor(factor);
        using var damaged = new TrainerState(tensors, captured.Step, captured.Updates, captured.Epoch, captured.Position);
        trainer.Step();
        using ToyPolicy before = world.Policy.Copy();

        var exception = Assert.Throws<ArgumentException>(() => trainer.RestoreState(damaged));

        Assert.Contains("'steering.learning-rate' is outside the schedule's limits", exception.Message, StringComparison.Ordinal);
        Expect.SameParameters(before, world.Policy);
        Assert.Equal(1, trainer.StepsDone);
    }

    [Fact]
    public void A_state_steered_by_fewer_signals_is_refused()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer twice = Steered(world);
        using AlignmentTrainer once = world.Trainer(options => (options.ContextNoise, options.LearningRate) = (ByEntropy, ByKl));
        using TrainerState captured = once.CaptureState();

        var exception = Assert.Throws<ArgumentException>(() => twice.RestoreState(captured));

        Assert.Contains("'steering.learning-rate' is (1) where (2) is needed", exception.Message, StringComparison.Ordinal);
    }

    private static Schedule ByEntropy => Schedule.Constant(0.5).SteeredBy(Signal.Entropy, target: 1, gain: 0.3, highestFactor: 2);

    private static Schedule ByKl => Schedule.Constant(1e-2).SteeredBy(Signal.KlToStart, target: 0.01, gain: 0.5);

    private static AlignmentTrainer Steered(ToyWorld world) => world.Trainer(options =>
        (options.ContextNoise, options.LearningRate) = (ByEntropy, ByKl.SteeredBy(Signal.Entropy, target: 3, gain: -0.2)));
}
