using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.State;
using VaPi.Checkpoints;
using VaPi.Fuzz.Cases;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Readers;

/// <summary>What reads checkpoints for a purpose: models, a reward's network, a trainer's state.</summary>
internal static class ModelReaders
{
    public static FileReader Policy()
    {
        using LlamaGenPolicy policy = Toys.Policy();
        return new FileReader(
            "llamagen-policy",
            [SafetensorsSamples.Of("policy.safetensors", SafetensorsSamples.Saved(path => policy.Save(path))), Sample.Of("policy.pt", SafetensorsSamples.Saved(path => policy.Save(path), ".pt"))],
            Read,
            typeof(CheckpointException))
        {
            HasParameters = true,
        };

        static void Read(string path)
        {
            LlamaGenPolicy.Load(path, Toys.PolicyShape).Dispose();
            try
            {
                // The toy is of no published size.
                LlamaGenPolicy.Load(path).Dispose();
            }
            catch (CheckpointException)
            {
            }
        }
    }

    public static FileReader Tokenizer()
    {
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        return new FileReader(
            "llamagen-tokenizer",
            [
                SafetensorsSamples.Of("tokenizer.safetensors", SafetensorsSamples.Saved(path => tokenizer.Save(path))),
                Sample.Of("tokenizer.pt", SafetensorsSamples.Saved(path => tokenizer.Save(path), ".pt")),
            ],
            path => LlamaGenTokenizer.Load(path, Toys.TokenizerShape.ImageSize).Dispose(),
            typeof(CheckpointException),
            typeof(ArgumentException))
        {
            HasParameters = true,
            WithoutFile = typeof(ArgumentException),
        };
    }

    public static FileReader Discriminator()
    {
        using DisposeScope scope = NewDisposeScope();
        var shapes = new Dictionary<string, long[]> { ["0.weight"] = [64, 3, 4, 4], ["0.bias"] = [64], ["11.weight"] = [1, 512, 4, 4], ["11.bias"] = [1] };
        foreach ((int layer, long width) in new[] { (2, 64L), (5, 128L), (8, 256L) })
        {
            shapes.Add($"{layer}.weight", [2 * width, width, 4, 4]);
            foreach (string name in new[] { "weight", "bias", "running_mean", "running_var" })
                shapes.Add($"{layer + 1}.{name}", [2 * width]);
        }

        byte[] file = SafetensorsSamples.Saved(path => Checkpoint.Save(path, shapes.Select(shape => KeyValuePair.Create($"main.{shape.Key}", ones(shape.Value, ScalarType.Float16)))));
        return new FileReader("patchgan", [SafetensorsSamples.Of("patchgan.safetensors", file)], path => Reward.PatchGan(path).Dispose(), typeof(CheckpointException));
    }

    public static FileReader State()
    {
        var world = new ToyWorld();
        AlignmentTrainer trainer = world.Trainer();
        trainer.Step();
        using TrainerState captured = trainer.CaptureState();
        byte[] file = SafetensorsSamples.Saved(captured.Save);
        return new FileReader("trainer-state", [SafetensorsSamples.Of("state.safetensors", file)], Read, typeof(CheckpointException), typeof(ArgumentException))
        {
            WithoutFile = typeof(ArgumentException),
        };

        void Read(string path)
        {
            using TrainerState state = TrainerState.Load(path);
            trainer.RestoreState(state);
            trainer.CaptureState().Dispose();
        }
    }
}
