using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;
using OwnAdamW = VaPi.Alignment.Optimisation.AdamW;

namespace VaPi.Tests.Alignment;

public class OptimiserTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void Twenty_updates_are_those_of_torch(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(12, CPU);
        Tensor[] starts = [randn([5, 4], dtype: type, generator: generator), randn([7], dtype: type, generator: generator)];
        Parameter[] Parameters() => [.. starts.Select(start => new Parameter(start.clone()))];
        Parameter[] own = Parameters();
        Parameter[] theirs = Parameters();
        var options = new AlignmentOptions { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.1, MaximumGradientNorm = 2 };
        using var optimiser = new OwnAdamW([("first", own[0], true), ("second", own[1], true)], options);
        using optim.Optimizer reference = optim.AdamW(theirs, 0.02, 0.8, 0.95, 1e-6, 0.1);

        for (int update = 0; update < 20; update++)
        {
            Tensor[] gradients = [.. starts.Select(start => (update % 3) * randn(start.shape, dtype: type, generator: generator))];
            optimiser.DropGradients();
            reference.zero_grad();
            foreach (Parameter[] parameters in new[] { own, theirs })
                (parameters[0] * gradients[0]).sum().add((parameters[1] * gradients[1]).sum()).backward();
            Tensor norm = optimiser.GradientNorm();
            double theirNorm = nn.utils.clip_grad_norm_(theirs, 2);
            Assert.Equal(theirNorm, norm.to(ScalarType.Float64).item<double>(), 1e-5 + 1e-6 * theirNorm);

            optimiser.Step(norm, 0.02);
            reference.step();
        }

        Assert.Equal(20, optimiser.Updates);
        for (int index = 0; index < starts.Length; index++)
        {
            Expect.Close(theirs[index], own[index], tolerance);
            Assert.True((own[index] - starts[index]).abs().max().to(ScalarType.Float64).item<double>() > 0.05);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parameters_of_several_pieces_and_of_any_layout_are_updated_whole(bool isTransposed)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(13, CPU);
        Tensor start = randn([700, 801], generator: generator); // two pieces and a part of a third
        Tensor gradient = randn([700, 801], generator: generator);
        using var own = new Parameter(isTransposed ? start.t().contiguous().t() : start.clone());
        using var theirs = new Parameter(start.clone());
        Assert.Equal(!isTransposed, own.is_contiguous());
        nint place = Address(own);
        using var optimiser = new OwnAdamW([("weight", own, true)], new AlignmentOptions { WeightDecay = 0.1, MaximumGradientNorm = double.PositiveInfinity });
        using optim.Optimizer reference = optim.AdamW([theirs], 0.02, 0.9, 0.999, 1e-8, 0.1);

        for (int update = 0; update < 3; update++)
        {
            optimiser.DropGradients();
            reference.zero_grad();
            (own * gradient).sum().backward();
            (theirs * gradient).sum().backward();
            optimiser.Step(optimiser.GradientNorm(), 0.02);
            reference.step();
        }

        Expect.Close(theirs, own, 1e-6);
        Assert.Equal(place, Address(own)); // the policy's own tensor, written into
    }

    [Fact]
    public void Weights_decay_only_where_the_policy_says_so()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        using ToyPolicy before = world.Policy.Copy();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.LearningRate, options.WeightDecay) = (0.1, 0.5))
            .OnGradients(gradients =>
            {
                foreach ((_, Tensor gradient) in gradients)
                    gradient.zero_();
            })
            .Build();

        trainer.Step();

        foreach ((string name, Parameter parameter) in before.NamedParameters())
            Expect.Close(name == "norm.weight" ? parameter : parameter * 0.95, world.Policy[name], 1e-15, name);
    }

    [Fact]
    public void A_learning_rate_of_zero_changes_nothing()
    {
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        using AlignmentTrainer trainer = world.Trainer(options => options.LearningRate = Schedule.Linear(0, 1e-2, 1));

        trainer.Step();
        Expect.SameParameters(before, world.Policy);

        trainer.Step();
        Assert.True(Expect.Change(before, world.Policy) > 1e-3);
    }

    [Theory]
    [InlineData(100, 0.5)]
    [InlineData(1e-3, null)]
    public void Large_gradients_are_clipped_and_small_ones_are_not(double scale, double? clippedTo)
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dtype: ScalarType.Float64);
        double shown = 0;
        using AlignmentTrainer trainer = world
            .Builder(options => (options.MaximumGradientNorm, options.Beta1) = (0.5, 0.9))
            .OnGradients(gradients =>
            {
                foreach ((_, Tensor gradient) in gradients)
                    gradient.mul_(scale);
                shown = Norm(gradients.Select(entry => entry.Gradient));
            })
            .Build();

        AlignmentStep step = trainer.Step();

        // After the first update the first moment is a tenth of the gradient that was used.
        using TrainerState state = trainer.CaptureState();
        double used = 10 * Norm(state.Tensors.Where(entry => entry.Key.StartsWith("optimiser.first.", StringComparison.Ordinal)).Select(entry => entry.Value));
        Assert.Equal(shown, step.GradientNorm, 1e-9 * shown);
        Assert.Equal(clippedTo ?? shown, used, 1e-5 * (clippedTo ?? shown));
    }

    [Fact]
    public void The_hook_sees_each_update_with_every_parameter()
    {
        using var world = new ToyWorld();
        var seen = new List<string[]>();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (1, 2))
            .OnGradients(gradients => seen.Add([.. gradients.Select(entry => entry.Name)]))
            .Build();

        trainer.Step();

        Assert.Equal(2, seen.Count);
        Assert.All(seen, names => Assert.Equal(world.Policy.NamedParameters().Select(named => named.Name), names));
    }

    [Fact]
    public void Gradients_that_the_caller_left_behind_do_not_count()
    {
        using var fresh = new ToyWorld();
        using var used = new ToyWorld();
        foreach ((_, Parameter parameter) in used.Policy.NamedParameters())
            parameter.sum().backward();
        using AlignmentTrainer freshTrainer = fresh.Trainer();
        using AlignmentTrainer usedTrainer = used.Trainer();

        Assert.Equal(Expect.Digests(freshTrainer, 2), Expect.Digests(usedTrainer, 2));
        Assert.All(used.Policy.NamedParameters(), named => Assert.Null(named.Parameter.grad));
    }

    private static nint Address(Tensor tensor) => tensor.detach().storage<float>().data_ptr();

    private static double Norm(IEnumerable<Tensor> tensors) => Math.Sqrt(tensors.Sum(tensor => tensor.square().sum().to(ScalarType.Float64).item<double>()));
}
