using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class CopiedWeightsTests
{
    [Fact]
    public void They_have_what_rounding_takes_from_a_policy_at_the_published_learning_rate()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using ToyPolicy start = world.Policy.Copy();
        using AlignmentTrainer trainer = world.Trainer(options => options.LearningRate = 1e-6);
        for (int step = 0; step < 4; step++)
            trainer.Step();

        IReadOnlyDictionary<string, Tensor> weights = trainer.CopyWeights();

        Assert.Equal(start.NamedParameters().Select(named => named.Name), weights.Keys);
        Assert.All(weights.Values, weight => Assert.Equal((ScalarType.Float32, DeviceType.CPU, false), (weight.dtype, weight.device_type, weight.requires_grad)));
        double ShareMoved(Func<string, Tensor> now) =>
            cat([.. start.NamedParameters().Select(named => named.Parameter.ne(now(named.Name)).flatten())]).to(ScalarType.Float64).mean().item<double>();
        Assert.InRange(ShareMoved(name => weights[name]), 0.8, 1);
        Assert.InRange(ShareMoved(name => world.Policy[name]), 0, 0.05);
        foreach ((string name, Parameter parameter) in world.Policy.NamedParameters())
        {
            Expect.Identical(weights[name].to(ScalarType.BFloat16), parameter, name);
            Assert.InRange((weights[name] - start[name]).abs().max().item<float>(), 1e-7, 1e-5);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Of_a_policy_that_nothing_rounds_they_are_its_parameters_as_they_were(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: type);
        using AlignmentTrainer trainer = world.Trainer();
        trainer.Step();
        using ToyPolicy before = world.Policy.Copy();

        IReadOnlyDictionary<string, Tensor> weights = trainer.CopyWeights();
        trainer.Step();

        Assert.True(Expect.Change(before, world.Policy) > 0);
        foreach ((string name, Parameter parameter) in before.NamedParameters())
        {
            Assert.Equal(type, weights[name].dtype);
            Expect.Identical(parameter, weights[name], name);
        }
    }

    [Fact]
    public void Those_of_16_bits_are_independent_of_later_steps_and_of_what_is_done_to_them()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using AlignmentTrainer trainer = world.Trainer();
        IReadOnlyDictionary<string, Tensor> first = trainer.CopyWeights();
        Dictionary<string, Tensor> kept = first.ToDictionary(weight => weight.Key, weight => weight.Value.clone());

        trainer.Step();

        foreach ((string name, Tensor weight) in first)
            Expect.Identical(kept[name], weight, name);
        IReadOnlyDictionary<string, Tensor> second = trainer.CopyWeights();
        Assert.All(second, weight => Assert.True((weight.Value - first[weight.Key]).abs().max().item<float>() > 0, weight.Key));
        foreach (Tensor weight in second.Values)
            weight.zero_();
        Assert.All(trainer.CopyWeights(), weight => Assert.True(weight.Value.abs().max().item<float>() > 0, weight.Key));
    }

    [Fact]
    public void What_is_not_trained_is_not_among_them()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        world.Policy["positions.weight"].requires_grad = false;
        using AlignmentTrainer trainer = world.Trainer();

        Assert.Equal(
            world.Policy.NamedParameters().Select(named => named.Name).Where(name => name != "positions.weight"),
            trainer.CopyWeights().Keys);
    }

    [Fact]
    public async Task They_are_copied_while_an_item_is_held_as_a_state_is_captured()
    {
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using AlignmentTrainer trainer = world.Trainer(options => options.LearningRate = 1e-4);
        await foreach (AlignmentStep _ in trainer.RunAsync())
        {
            using DisposeScope scope = NewDisposeScope();
            using TrainerState state = trainer.CaptureState();
            foreach ((string name, Tensor weight) in trainer.CopyWeights())
                Expect.Identical(state.Tensors[$"optimiser.master.{name}"], weight, name);
        }

        Assert.Equal(4, trainer.StepsDone);
    }

    [Fact]
    public void Going_back_to_a_state_brings_them_back()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using AlignmentTrainer trainer = world.Trainer(options => options.LearningRate = 1e-6);
        trainer.Step();
        IReadOnlyDictionary<string, Tensor> expected = trainer.CopyWeights();
        using TrainerState state = trainer.CaptureState();
        trainer.Step();
        Assert.Contains(trainer.CopyWeights(), weight => !weight.Value.eq(expected[weight.Key]).all().item<bool>());

        trainer.RestoreState(state);

        Assert.All(trainer.CopyWeights(), weight => Expect.Identical(expected[weight.Key], weight.Value, weight.Key));
    }

    [Fact]
    public void They_belong_to_the_callers_dispose_scope_where_there_is_one()
    {
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        using AlignmentTrainer trainer = world.Trainer();
        IReadOnlyDictionary<string, Tensor> scoped;
        using (NewDisposeScope())
            scoped = trainer.CopyWeights();
        IReadOnlyDictionary<string, Tensor> unscoped = trainer.CopyWeights();
        trainer.Dispose();

        Assert.All(scoped.Values, weight => Assert.True(weight.IsInvalid));
        Assert.All(unscoped.Values, weight => Assert.True(weight.isfinite().all().item<bool>()));
        foreach (Tensor weight in unscoped.Values)
            weight.Dispose();
    }

    [Fact]
    public void They_are_not_copied_in_the_middle_of_a_step_nor_when_the_trainer_is_disposed()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.BFloat16);
        AlignmentTrainer? trainer = null;
        InvalidOperationException? refused = null;
        using AlignmentTrainer built = world.Builder()
            .OnGradients(_ => refused = Assert.Throws<InvalidOperationException>(() => trainer!.CopyWeights()))
            .Build();
        trainer = built;

        trainer.Step();

        Assert.Contains("Copy its state or weights between steps", refused?.Message, StringComparison.Ordinal);
        Assert.NotEmpty(trainer.CopyWeights());
        trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trainer.CopyWeights());
    }
}
