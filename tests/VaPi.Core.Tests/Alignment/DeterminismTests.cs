using TorchSharp;
using VaPi.Alignment;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>What decides a run. Dropout comes from the process's one generator, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class DeterminismTests
{
    [Fact]
    public void The_same_seeds_give_the_same_run_bit_for_bit()
    {
        (ToyPolicy first, List<string> firstSteps) = Run(_ => { });
        (ToyPolicy second, List<string> secondSteps) = Run(_ => { });
        using (first)
        using (second)
        {
            Expect.SameParameters(first, second);
            Assert.Equal(firstSteps, secondSteps);
        }
    }

    public static TheoryData<string> Seeds => [nameof(AlignmentOptions.DataSeed), nameof(AlignmentOptions.NoiseSeed), nameof(AlignmentOptions.SamplingSeed), nameof(AlignmentOptions.DropoutSeed), nameof(AlignmentOptions.Seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Another_seed_gives_another_run(string seed)
    {
        (ToyPolicy usual, List<string> usualSteps) = Run(_ => { });
        (ToyPolicy other, List<string> otherSteps) = Run(options => typeof(AlignmentOptions).GetProperty(seed)!.SetValue(options, 77L));
        using (usual)
        using (other)
        {
            Assert.NotEqual(usualSteps[0], otherSteps[0]);
            Assert.True(Expect.Change(usual, other) > 1e-4);
        }
    }

    [Fact]
    public void The_random_numbers_of_others_neither_matter_nor_are_disturbed()
    {
        using DisposeScope scope = NewDisposeScope();
        (ToyPolicy usual, List<string> usualSteps) = Run(_ => { });
        using ToyPolicy expected = usual;
        manual_seed(1234);
        Tensor numbers = rand(5);
        manual_seed(1234);
        using var world = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer trainer = world.Trainer();

        List<string> steps = [Expect.Digest(trainer.Step())];
        Expect.Identical(numbers, rand(5), "what the caller draws after a step");
        steps.AddRange(Expect.Digests(trainer, usualSteps.Count - 1));

        Assert.Equal(usualSteps, steps);
        Expect.SameParameters(expected, world.Policy);
    }

    [Fact]
    public void The_generator_is_given_back_after_a_failed_step_too()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer trainer = world.Builder().OnGradients(_ => throw new InvalidOperationException()).Build();
        manual_seed(99);
        Tensor state = get_rng_state();

        Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Expect.Identical(state, get_rng_state());
    }

    [Fact]
    public void Options_changed_after_building_change_nothing()
    {
        using var world = new ToyWorld();
        AlignmentOptions? kept = null;
        using AlignmentTrainer trainer = world.Trainer(options => kept = options);

        kept!.LearningRate = 0;
        kept.ContextNoise = 0;

        VaPi.Alignment.Metrics.AlignmentStep step = trainer.Step();
        Assert.Equal((1e-2, 0.5), (step.LearningRate, step.ContextNoise));
    }

    private static (ToyPolicy Policy, List<string> Steps) Run(Action<AlignmentOptions> configure)
    {
        using var world = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer trainer = world.Trainer(configure);
        List<string> steps = Expect.Digests(trainer, 3);
        return (world.Policy.Copy(), steps);
    }
}
