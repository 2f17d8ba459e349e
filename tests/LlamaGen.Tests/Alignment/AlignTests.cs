using System.Text.Json;
using LlamaGen.Models;
using LlamaGen.Tests.Support;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using Xunit;
using static TorchSharp.torch;

namespace LlamaGen.Tests.Alignment;

public sealed class AlignTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Two_rollouts_leave_an_aligned_policy_and_their_numbers()
    {
        string start = _place.TinyPolicy("start.safetensors");
        string output = Workplace.RunWell(Arguments("first", "--policy", start));

        Assert.Matches("policy's weights \\| 4 B x 203,648 \\| 815 kB", output);
        Assert.Contains("warning: The images have 2 sub-folders, but the policy knows 1000 classes", output, StringComparison.Ordinal);
        Assert.Matches("sample \\| 3 forward passes x 16.8 M \\| ", output);
        Assert.Matches("At best \\d+\\.\\d\\d s a rollout: large products run here at ", output);
        Assert.Matches("Measured: 1 image with 2 samples took", output);
        Assert.Matches("Extrapolated from that.* for 2 rollouts", output);
        Assert.InRange(LargestChange(start, _place.At("first", "policy.safetensors")), 1e-7, 1e-4);
        JsonElement[] steps = [.. File.ReadLines(_place.At("first", "steps.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal([1, 2], steps.Select(step => step.GetProperty("rollout").GetInt32()));
        Assert.All(steps, step => Assert.InRange(step.GetProperty("reward").GetProperty("mean").GetDouble(), -4, 0));
        using JsonDocument recipe = JsonDocument.Parse(File.ReadAllText(_place.At("first", "recipe.json")));
        Assert.Equal(3, recipe.RootElement.GetProperty("imagesPerRollout").GetInt32());

        // Measuring the time beforehand takes no part: without it the policy comes out the same, bit for bit.
        Workplace.RunWell(Arguments("second", "--policy", start, "--skip-measurement"));
        Assert.Equal(File.ReadAllBytes(_place.At("first", "policy.safetensors")), File.ReadAllBytes(_place.At("second", "policy.safetensors")));
    }

    [Fact]
    public void The_policy_is_saved_in_the_format_of_its_name()
    {
        Workplace.RunWell(Arguments("results", "--skip-measurement", "--save", _place.At("new", "aligned.pt"), "--save-type", "bfloat16"));

        using (CheckpointReader saved = CheckpointReader.Open(_place.At("new", "aligned.pt")))
            Assert.All(saved.Entries, entry => Assert.Equal(ScalarType.BFloat16, entry.ScalarType));
        using LlamaGenPolicy policy = LlamaGenPolicy.Load(_place.At("new", "aligned.pt"), ModelSizes.Policy(ModelSizes.Tiny, gridSize: 8));
        Assert.False(File.Exists(_place.At("results", "policy.safetensors")));
    }

    [Fact]
    public void A_policy_in_bfloat16_with_checkpointed_activations_is_aligned_in_less_memory()
    {
        string start = _place.TinyPolicy("start.safetensors");
        string Aligned(string output, params string[] others) => Workplace.RunWell(
            Arguments(output, ["--policy", start, "--images-per-minibatch", "3", "--learning-rate", "1e-3", "--policy-type", "bfloat16", .. others]));

        string plain = Aligned("plain");
        string checkpointed = Aligned("checkpointed", "--checkpoint-activations");

        Assert.Contains("203,648 parameters in bfloat16", plain, StringComparison.Ordinal);
        Assert.Matches("policy's weights \\| 2 B x 203,648 \\| 407 kB", plain);
        Assert.Matches("weights in float32, for AdamW \\| 4 B x 203,648 \\| 815 kB", plain);
        Assert.Matches("large products run here at .* operations a second, in bfloat16 at ", plain);
        Assert.DoesNotContain("blocks' inputs", plain, StringComparison.Ordinal);
        Assert.Contains("blocks' inputs", checkpointed, StringComparison.Ordinal);
        Assert.Contains("of the blocks' forward pass again", checkpointed, StringComparison.Ordinal);

        // The same to the last bit whatever was kept.
        Assert.Equal(File.ReadAllBytes(_place.At("plain", "policy.safetensors")), File.ReadAllBytes(_place.At("checkpointed", "policy.safetensors")));
        Assert.InRange(LargestChange(start, _place.At("plain", "policy.safetensors")), 1e-5, 1e-1);
    }

    [Fact]
    public void Of_a_policy_in_bfloat16_what_rounding_would_lose_is_saved_unless_16_bits_are_asked_for()
    {
        string start = _place.TinyPolicy("start.safetensors");
        string Aligned(string output, params string[] others) =>
            Workplace.RunWell(Arguments(output, ["--policy", start, "--policy-type", "bfloat16", "--skip-measurement", .. others]));
        IReadOnlyDictionary<string, Tensor> Saved(string output) => Checkpoint.Load(_place.At(output, "policy.safetensors"));

        string precise = Aligned("precise");
        string rounded = Aligned("rounded", "--save-type", "bfloat16");

        Assert.Matches("copy of the weights to be saved\\)? \\| 4 B x 203,648 \\| 815 kB", precise);
        Assert.DoesNotContain("copy of the weights", rounded, StringComparison.Ordinal);
        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyDictionary<string, Tensor> first, IReadOnlyDictionary<string, Tensor> second) = (Saved("precise"), Saved("rounded"));
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        IReadOnlyDictionary<string, Tensor> before = Checkpoint.Load(start);
        double ShareMoved(IReadOnlyDictionary<string, Tensor> now) =>
            cat([.. before.Select(named => named.Value.to(ScalarType.BFloat16).ne(now[named.Key]).flatten())]).to(ScalarType.Float64).mean().item<double>();
        foreach ((string name, Tensor weight) in first)
        {
            Assert.Equal((ScalarType.Float32, ScalarType.BFloat16), (weight.dtype, second[name].dtype));
            Assert.True(weight.to(ScalarType.BFloat16).eq(second[name]).all().item<bool>(), name);
        }

        // Two updates at the recipe's 1e-6.
        Assert.InRange(ShareMoved(first), 0.5, 1);
        Assert.InRange(ShareMoved(second), 0, 0.05);

        // Stopped, it saves the same as a run that ends there.
        Aligned("one", "--rollouts", "1");
        (int code, _, _) = Workplace.RunAndStop(Arguments("stopped", "--policy", start, "--policy-type", "bfloat16", "--skip-measurement", "--rollouts", "50"));
        Assert.Equal(130, code);
        Assert.Equal(File.ReadAllBytes(_place.At("one", "policy.safetensors")), File.ReadAllBytes(_place.At("stopped", "policy.safetensors")));
    }

    [Fact]
    public void Stopped_it_keeps_the_policy_so_far()
    {
        string start = _place.TinyPolicy("start.safetensors");
        string policy = _place.At("results", "policy.safetensors");

        (int code, _, string errors) = Workplace.RunAndStop(Arguments("results", "--policy", start, "--rollouts", "50", "--skip-measurement"));

        Assert.Equal(130, code);
        Assert.Equal($"Stopped after 1 of 50 rollouts. The policy as the last one left it: {policy}", errors);
        Assert.InRange(LargestChange(start, policy), 1e-7, 1e-4);
        Assert.Single(File.ReadLines(_place.At("results", "steps.jsonl")));
    }

    [Theory]
    [InlineData()]
    [InlineData("--skip-measurement")]
    public void A_policy_that_computes_no_finite_gradient_is_told_so(params string[] others)
    {
        string start = _place.TinyPolicy("start.safetensors");
        using (DisposeScope scope = NewDisposeScope())
        {
            var weights = new Dictionary<string, Tensor>(Checkpoint.Load(start));
            weights["norm.weight"].mul_(1e38);
            Checkpoint.Save(start, weights);
        }

        (int code, _, string errors) = Workplace.Run(Arguments("results", ["--policy", start, .. others]));

        Assert.Equal(1, code);
        Assert.Contains("In rollout 2 the gradient's norm is", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_place.At("results", "policy.safetensors")));
    }

    [Fact]
    public void A_text_conditional_policy_is_aligned_with_captioned_images()
    {
        _place.Images(ofEach: 1);
        File.WriteAllLines(_place.At("list.jsonl"), ["""{"image_path": "images/a/0.png", "text": ["one"]}""", """{"image_path": "images/b/1.png", "text": ["two"]}"""]);
        Workplace.Features(_place.At("features", "list", "0.npy"), length: 3, seed: 1);
        Workplace.Features(_place.At("features", "list", "1.npy"), length: 5, seed: 2);
        string start = _place.TinyPolicy("start.safetensors", captions: true);

        Workplace.RunWell(
            "align", "--recipe", "t2i-xl-256", "--random-weights", "tiny", "--policy", start, "--reward", "mse", "--rollouts", "2", "--images-per-rollout", "2", "--group-size", "2",
            "--captions", _place.At("list.jsonl"), "--features", _place.At("features"), "--output", _place.At("results"), "--skip-measurement");

        Assert.InRange(LargestChange(start, _place.At("results", "policy.safetensors")), 1e-7, 1e-4);
    }

    [Fact]
    public void More_classes_than_the_policy_knows_are_refused()
    {
        for (int label = 0; label <= 1000; label++)
            Directory.CreateDirectory(_place.At("many", $"{label}"));
        File.Copy(Path.Combine(_place.Images(ofEach: 1), "a", "0.png"), _place.At("many", "0", "0.png"));

        (int code, _, string errors) = Workplace.Run("align", "--random-weights", "tiny", "--reward", "mse", "--images", _place.At("many"));

        Assert.Equal(1, code);
        Assert.Contains("has 1001 sub-folders, each a class, but the policy knows 1000 classes", errors, StringComparison.Ordinal);
    }

    private static double LargestChange(string before, string after)
    {
        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyDictionary<string, Tensor> first, IReadOnlyDictionary<string, Tensor> second) = (Checkpoint.Load(before), Checkpoint.Load(after));
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        return first.Max(named => (named.Value - second[named.Key]).abs().max().item<float>());
    }

    private string[] Arguments(string output, params string[] others) =>
    [
        "align", "--random-weights", "tiny", "--images", _place.Images(ofEach: 2), "--reward", "mse", "--rollouts", "2", "--images-per-rollout", "3", "--group-size", "4",
        "--output", _place.At(output), .. others,
    ];
}
