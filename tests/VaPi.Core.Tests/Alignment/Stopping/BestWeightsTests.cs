using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Alignment.Stopping;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Stopping;

/// <summary>Early stopping of a policy of 16 bits: what is put back is what it has rounded.</summary>
public class BestWeightsTests
{
    // The second rollout is the best, and the fourth is the last.
    private const int BestStep = 2;
    private const int StateStep = 3;
    private static readonly double[] Measured = [1, 2, 5, 4, 4.9];

    [Fact]
    public void The_best_weights_come_back_unrounded()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using var measure = new ScriptedMeasure(Measured);
        using AlignmentTrainer trainer = Trainer(world, measure.Stopping);

        (IReadOnlyDictionary<string, Tensor> best, TrainerState state) = Run(trainer);
        using TrainerState owned = state;

        Assert.Equal((true, new HeldOutMeasurement(BestStep, 5)), (trainer.StoppedEarly, trainer.Best));
        AssertHas(trainer, world.Policy, best);
        Assert.True(IsBetweenRoundedValues(best));

        // And they differ from those of the rollout after the best.
        Assert.All(best, weight => Assert.True((state.Tensors[$"optimiser.master.{weight.Key}"] - weight.Value).abs().max().item<float>() > 0, weight.Key));
    }

    [Fact]
    public void They_come_back_in_a_resumed_run_too()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using var measure = new ScriptedMeasure(Measured);
        using AlignmentTrainer trainer = Trainer(world, measure.Stopping);
        (IReadOnlyDictionary<string, Tensor> best, TrainerState state) = Run(trainer);
        using TrainerState owned = state;

        using var other = new ToyWorld(dtype: ScalarType.BFloat16);
        using var rest = new ScriptedMeasure(Measured[(StateStep + 1)..]);
        using AlignmentTrainer resumed = Trainer(other, rest.Stopping);
        resumed.RestoreState(state);
        while (!resumed.StoppedEarly)
            resumed.Step();

        Assert.Equal((true, new HeldOutMeasurement(BestStep, 5)), (resumed.StoppedEarly, resumed.Best));
        AssertHas(resumed, other.Policy, best);
    }

    [Fact]
    public void A_state_that_keeps_the_best_ones_rounded_still_resumes()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using var measure = new ScriptedMeasure(Measured);
        using AlignmentTrainer trainer = Trainer(world, measure.Stopping);
        (IReadOnlyDictionary<string, Tensor> best, TrainerState state) = Run(trainer);
        using TrainerState owned = state;
        Dictionary<string, Tensor> tensors = state.Tensors.ToDictionary(
            entry => entry.Key, entry => entry.Key.StartsWith("stopping.best.", StringComparison.Ordinal) ? entry.Value.to(ScalarType.BFloat16) : entry.Value.clone());
        using var rounded = new TrainerState(tensors, state.Step, state.Updates, state.Epoch, state.Position);

        using var other = new ToyWorld(dtype: ScalarType.BFloat16);
        using var rest = new ScriptedMeasure(Measured[(StateStep + 1)..]);
        using AlignmentTrainer resumed = Trainer(other, rest.Stopping);
        resumed.RestoreState(rounded);
        while (!resumed.StoppedEarly)
            resumed.Step();

        AssertHas(resumed, other.Policy, best.ToDictionary(weight => weight.Key, weight => weight.Value.to(ScalarType.BFloat16).to(ScalarType.Float32)));
    }

    [Fact]
    public void With_keeping_switched_off_the_last_ones_stay()
    {
        using DisposeScope scope = NewDisposeScope();
        using var stopped = new ToyWorld(dtype: ScalarType.BFloat16);
        using var measure = new ScriptedMeasure(Measured);
        using AlignmentTrainer trainer = Trainer(stopped, measure.Stopping with { KeepBest = false });
        while (!trainer.StoppedEarly)
            trainer.Step();
        using var whole = new ToyWorld(dtype: ScalarType.BFloat16);
        using AlignmentTrainer plain = whole.Trainer(options => options.LearningRate = 1e-6);
        for (int step = 0; step < trainer.StepsDone; step++)
            plain.Step();

        AssertHas(trainer, stopped.Policy, plain.CopyWeights());
    }

    private static AlignmentTrainer Trainer(ToyWorld world, EarlyStopping stopping) =>
        world.Builder(options => (options.Rollouts, options.LearningRate) = (50, 1e-6)).StopEarly(stopping).Build();

    /// <returns>The weights after the best rollout, in the caller's dispose scope, and the state one later, which is the caller's.</returns>
    private static (IReadOnlyDictionary<string, Tensor> Best, TrainerState State) Run(AlignmentTrainer trainer)
    {
        (IReadOnlyDictionary<string, Tensor>? best, TrainerState? state) = (null, null);
        while (!trainer.StoppedEarly)
        {
            AlignmentStep step = trainer.Step();
            if (step.Index == BestStep)
                best = trainer.CopyWeights();
            if (step.Index == StateStep)
                state = trainer.CaptureState();
        }

        Assert.Equal(Measured.Length - 1, trainer.StepsDone);
        return (best!, state!);
    }

    private static void AssertHas(AlignmentTrainer trainer, ToyPolicy policy, IReadOnlyDictionary<string, Tensor> expected)
    {
        IReadOnlyDictionary<string, Tensor> weights = trainer.CopyWeights();
        foreach ((string name, Parameter parameter) in policy.NamedParameters())
        {
            Expect.Identical(expected[name], weights[name], name);
            Expect.Identical(expected[name].to(ScalarType.BFloat16), parameter, name);
        }
    }

    private static bool IsBetweenRoundedValues(IReadOnlyDictionary<string, Tensor> weights) =>
        weights.Values.All(weight => weight.ne(weight.to(ScalarType.BFloat16)).any().item<bool>());
}
