using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.State;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;
using OwnAdamW = VaPi.Alignment.Optimisation.AdamW;

namespace VaPi.Tests.Alignment;

/// <summary>Policies of 16 bits, whose weights the optimiser keeps in float32.</summary>
public class MasterWeightTests
{
    private static readonly AlignmentOptions Undecayed = new() { WeightDecay = 0, MaximumGradientNorm = double.PositiveInfinity };

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Updates_that_rounding_would_lose_add_up(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var parameter = new Parameter(ones(3, type));
        using var optimiser = new OwnAdamW([("weight", parameter, true)], Undecayed);

        // With a constant gradient an update of Adam is the learning rate: a hundredth of the step of bfloat16 below 1.
        const double rate = 1.0 / 256 / 100;
        void Update(int count)
        {
            for (int update = 0; update < count; update++)
            {
                optimiser.DropGradients();
                parameter.sum().backward();
                optimiser.Step(optimiser.GradientNorm(), rate);
            }
        }

        Update(2);
        Assert.True((parameter == 1).all().item<bool>());
        Update(98);

        (string name, Tensor master) = Assert.Single(optimiser.Masters);
        Assert.Equal("weight", name);
        Assert.Equal(ScalarType.Float32, master.dtype);
        Expect.Close(full([3], 1 - (100 * rate)), master, 1e-5);
        Assert.Equal(type, parameter.dtype);
        Expect.Identical(master.to(type), parameter);
        Assert.Equal(1 - (1.0 / 256), parameter[0].to(ScalarType.Float64).item<double>(), 1e-3);
    }

    [Fact]
    public void Gradients_of_minibatches_are_added_in_float32()
    {
        using DisposeScope scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(1, ScalarType.BFloat16));
        using var untouched = new Parameter(zeros(1, ScalarType.BFloat16));
        using var optimiser = new OwnAdamW([("weight", parameter, true), ("untouched", untouched, true)], Undecayed);
        void Minibatch(double gradient)
        {
            (parameter * gradient).sum().backward();
            optimiser.SumGradients();
        }

        // From 256 on bfloat16 knows every second number only, so that each half would be rounded away.
        foreach (double gradient in (double[])[256, 0.5, 0.5, 0.5, 0.5, 0.5])
            Minibatch(gradient);

        (string name, Tensor sum) = Assert.Single(optimiser.Gradients());
        Assert.Equal(("weight", 258.5f), (name, sum.item<float>()));
        Assert.Equal(258.5f, optimiser.GradientNorm().item<float>());

        // And the next update knows nothing of it.
        optimiser.DropGradients();
        Assert.Empty(optimiser.Gradients());
        Minibatch(3);
        Assert.Equal(3, Assert.Single(optimiser.Gradients()).Gradient.item<float>());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public void Training_follows_that_in_float32(int? imagesPerMinibatch)
    {
        using DisposeScope scope = NewDisposeScope();
        using var rounded = new ToyWorld(dtype: ScalarType.BFloat16);
        using var precise = new ToyWorld();
        using (no_grad())
        {
            foreach ((string name, Parameter parameter) in rounded.Policy.NamedParameters())
                precise.Policy[name].copy_(parameter);
        }

        using ToyPolicy before = precise.Policy.Copy();
        Dictionary<string, Tensor> Trained(ToyWorld world)
        {
            using AlignmentTrainer trainer = world.Trainer(options => (options.LearningRate, options.ImagesPerMinibatch) = (1e-4, imagesPerMinibatch));
            for (int step = 0; step < 4; step++)
                trainer.Step();
            using TrainerState state = trainer.CaptureState();
            return state.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        }

        Dictionary<string, Tensor> ofRounded = Trained(rounded);
        Dictionary<string, Tensor> ofPrecise = Trained(precise);

        Assert.DoesNotContain(ofPrecise.Keys, name => name.Contains("master", StringComparison.Ordinal));
        Tensor Changes(Func<string, Tensor> after) =>
            cat([.. before.NamedParameters().Select(named => (after(named.Name) - named.Parameter).detach().flatten())]);
        Tensor expected = Changes(name => ofPrecise[$"policy.{name}"]);
        Tensor actual = Changes(name => ofRounded[$"optimiser.master.{name}"]);
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<float>(), 1e-4, 0.35);
        foreach ((string name, Parameter parameter) in rounded.Policy.NamedParameters())
            Expect.Identical(ofRounded[$"optimiser.master.{name}"].to(ScalarType.BFloat16), parameter, name);
    }
}
