using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.State;
using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>Stopping and going on. Dropout comes from the process's one generator, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class TrainerStateTests
{
    // 6 rollouts of 4 images go through the 10 images two and a half times, so that the second half begins inside an epoch.
    private const int Half = 3;

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_resumed_run_goes_on_bit_for_bit(ScalarType type)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("trainer.safetensors");
        using var uninterrupted = new ToyWorld(dropout: 0.2, type);
        using AlignmentTrainer whole = Demanding(uninterrupted);
        List<string> expected = Expect.Digests(whole, 2 * Half);

        using var before = new ToyWorld(dropout: 0.2, type);
        using (AlignmentTrainer first = Demanding(before))
        {
            Assert.Equal(expected.Take(Half), Expect.Digests(first, Half));
            using TrainerState captured = first.CaptureState();
            captured.Save(path);
        }

        using var after = new ToyWorld(dropout: 0.2, type);
        using AlignmentTrainer second = Demanding(after);
        using TrainerState loaded = TrainerState.Load(path);
        second.RestoreState(loaded);

        Assert.Equal((Half, 2, 1, 2), (loaded.Step, loaded.Updates / Half, loaded.Epoch, loaded.Position));
        Assert.Equal(Half, second.StepsDone);
        Assert.Equal(expected.Skip(Half), Expect.Digests(second, Half));
        Expect.SameParameters(uninterrupted.Policy, after.Policy);
    }

    [Fact]
    public void A_trainer_goes_back_to_its_own_earlier_state()
    {
        using var world = new ToyWorld(dropout: 0.2);
        using AlignmentTrainer trainer = Demanding(world);
        trainer.Step();
        using TrainerState captured = trainer.CaptureState();
        List<string> expected = Expect.Digests(trainer, 2);

        trainer.RestoreState(captured);

        Assert.Equal(expected, Expect.Digests(trainer, 2));
    }

    [Fact]
    public void Resuming_holds_for_a_parameter_that_only_some_updates_reach()
    {
        using var uninterrupted = new ToyWorld();
        using var occasional = new OccasionalPolicy(uninterrupted.Policy);
        using AlignmentTrainer whole = occasional.Trainer(uninterrupted);
        List<string> expected = Expect.Digests(whole, 4);

        using var before = new ToyWorld();
        using var first = new OccasionalPolicy(before.Policy);
        using AlignmentTrainer firstTrainer = first.Trainer(before);
        Expect.Digests(firstTrainer, 1);
        using TrainerState captured = firstTrainer.CaptureState();
        using var after = new ToyWorld();
        using var second = new OccasionalPolicy(after.Policy);
        using AlignmentTrainer secondTrainer = second.Trainer(after);
        secondTrainer.RestoreState(captured);

        Assert.Equal(expected.Skip(1), Expect.Digests(secondTrainer, 3));
        Expect.Identical(occasional.Shift, second.Shift);
        Expect.Identical(first.Shift, second.Shift, "what no later update reached");
        Assert.True(second.Shift.abs().max().item<float>() > 0);
    }

    [Fact]
    public void Capturing_copies()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        using TrainerState captured = trainer.CaptureState();
        using Tensor before = captured.Tensors["policy.head.outer.weight"].clone();

        trainer.Step();

        Expect.Identical(before, captured.Tensors["policy.head.outer.weight"]);
    }

    [Fact]
    public void The_state_of_another_policy_is_refused_and_changes_nothing()
    {
        using var world = new ToyWorld();
        using var other = new ToyWorld(classes: 5);
        using AlignmentTrainer trainer = world.Trainer();
        using AlignmentTrainer otherTrainer = other.Trainer();
        otherTrainer.Step();
        using TrainerState foreign = otherTrainer.CaptureState();
        using ToyPolicy before = world.Policy.Copy();

        var exception = Assert.Throws<ArgumentException>(() => trainer.RestoreState(foreign));

        Assert.Contains("of another policy", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'policy.classes.weight' is (6, 10) where (4, 10) is needed", exception.Message, StringComparison.Ordinal);
        Expect.SameParameters(before, world.Policy);
        Assert.Equal(0, trainer.StepsDone);
    }

    [Theory]
    [InlineData("policy.head.outer.bias")]
    [InlineData("optimiser.second.norm.weight")]
    [InlineData("random.dropout")]
    public void A_state_that_lacks_something_is_refused_by_name(string missing)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        using TrainerState captured = trainer.CaptureState();
        using TrainerState incomplete = Changed(captured, missing, null);

        var exception = Assert.Throws<ArgumentException>(() => trainer.RestoreState(incomplete));

        Assert.Contains($"'{missing}' is missing", exception.Message, StringComparison.Ordinal);
    }

    // libtorch would end the process over any of these.
    [Theory]
    [InlineData("random.noise", 16, 0)]
    [InlineData("random.sampling", 16, 0)]
    [InlineData("random.dropout", 16, 0)]
    [InlineData("random.noise", 5056, 0)]
    [InlineData("random.sampling", 5056, 0)]
    [InlineData("random.dropout", 5056, 255)]
    public void A_damaged_generator_state_is_refused_and_changes_nothing(string name, int length, int filling)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        trainer.Step();
        using TrainerState captured = trainer.CaptureState();
        using TrainerState foreign = Changed(captured, name, full([length], filling, ScalarType.Byte));
        trainer.Step();
        using ToyPolicy before = world.Policy.Copy();

        var exception = Assert.Throws<ArgumentException>(() => trainer.RestoreState(foreign));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Expect.SameParameters(before, world.Policy);
        Assert.Equal(2, trainer.StepsDone);
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "broken.safetensors");

        var exception = Assert.Throws<CheckpointException>(() => TrainerState.Load(path));

        Assert.Contains("broken.safetensors", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = Saved(folder);
        byte[] content = File.ReadAllBytes(path);

        Assert.Throws<CheckpointException>(() => TrainerState.Load(folder.Write(content[..^100], "truncated.safetensors")));
    }

    [Fact]
    public void A_checkpoint_that_is_no_trainer_state_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("weights.safetensors");
        using Tensor weight = ones(2);
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["weight"] = weight });

        var exception = Assert.Throws<CheckpointException>(() => TrainerState.Load(path));

        Assert.Contains("TrainerState.Save", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("step", "-1")]
    [InlineData("position", "many")]
    [InlineData("version", "99")]
    public void A_number_that_is_none_is_refused(string key, string value)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("state.safetensors");
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "vapi-trainer-state",
            ["version"] = "2",
            ["step"] = "1",
            ["updates"] = "1",
            ["epoch"] = "0",
            ["position"] = "1",
        };
        metadata[key] = value;
        using Tensor weight = ones(2);
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["weight"] = weight }, metadata);

        var exception = Assert.Throws<CheckpointException>(() => TrainerState.Load(path));

        Assert.Contains(value, exception.Message, StringComparison.Ordinal);
    }

    // Dropout, several updates a rollout, the reference policy, schedules: whatever has a state or depends on the step.
    private static AlignmentTrainer Demanding(ToyWorld world) => world.Trainer(options =>
    {
        options.ImagesPerMinibatch = 1;
        options.MinibatchesPerUpdate = 2;
        options.KlWeight = 0.1;
        options.ContextNoise = Schedule.Linear(1, 0, 6);
        options.LearningRate = Schedule.Cosine(1e-2, 1e-3, 6);
    });

    private static string Saved(TemporaryFolder folder)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        using TrainerState captured = trainer.CaptureState();
        string path = folder.File("saved.safetensors");
        captured.Save(path);
        return path;
    }

    private static TrainerState Changed(TrainerState state, string name, Tensor? replacement)
    {
        Dictionary<string, Tensor> tensors = state.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        tensors[name].Dispose();
        tensors.Remove(name);
        if (replacement is not null)
            tensors[name] = replacement;
        return new TrainerState(tensors, state.Step, state.Updates, state.Epoch, state.Position);
    }

    /// <summary>The toy policy with a shift of its features that only the first step uses.</summary>
    private sealed class OccasionalPolicy(ToyPolicy inner) : IAutoregressivePolicy, IDisposable
    {
        private AlignmentTrainer? _trainer;

        public Parameter Shift { get; } = new(zeros(1));

        public int VocabularySize => inner.VocabularySize;

        public int TokenCount => inner.TokenCount;

        public Device Device => inner.Device;

        public AlignmentTrainer Trainer(ToyWorld world) =>
            _trainer = world.Builder(options => options.Mode = AlignmentMode.Evaluation).WithPolicy(this).Build();

        public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
        {
            Tensor features = inner.Features(condition, context, mode);
            return _trainer!.StepsDone == 0 ? features + Shift : features;
        }

        public Tensor Head(Tensor features) => inner.Head(features);

        public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => [.. inner.NamedParameters(), ("shift", Shift)];

        public bool IsDecayed(string parameterName) => inner.IsDecayed(parameterName);

        public IReferencePolicy CreateReference() => inner.CreateReference();

        public void Dispose() => Shift.Dispose();
    }
}
