using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

/// <summary>Saving weights that are not the policy's own, as those in float32 of a policy in bfloat16.</summary>
public sealed class GivenWeightsTests : IDisposable
{
    // What the published code calls a buffer: saved, but not trained.
    private const string NoCaption = "cls_embedding.uncond_embedding";
    private const string Head = "output.weight";

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaGenPolicy _policy = LlamaGenPolicy.Create(
        Toys.PolicyShape.WithCaptions(places: 5, width: 12), seed: 1, type: ScalarType.BFloat16);

    public void Dispose()
    {
        _policy.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("policy.safetensors")]
    [InlineData("policy.pt")]
    public void They_are_written_and_what_is_not_trained_as_the_policy_has_it(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = Given();
        Dictionary<string, Tensor> own = Own();
        _policy.Save(_folder.File(file), weights);

        IReadOnlyDictionary<string, Tensor> saved = Saved(file);
        Assert.Equal(own.Keys.Append(NoCaption).Order(), saved.Keys.Order());
        Assert.All(weights, weight => Same.AssertExact(weight.Value, saved[weight.Key]));
        Same.AssertExact(Buffer(), saved[NoCaption]);
        Assert.Equal(ScalarType.BFloat16, saved[NoCaption].dtype);
        using LlamaGenPolicy loaded = LlamaGenPolicy.Load(_folder.File(file), _policy.Configuration);
        Assert.All(weights, weight => Same.AssertExact(weight.Value, Toys.Named(loaded, weight.Key)));

        // The policy itself stays as it is.
        Assert.All(own, weight => Same.AssertExact(weight.Value, Toys.Named(_policy, weight.Key)));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    public void All_is_stored_in_the_type_that_is_asked_for(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = Given();
        _policy.Save(_folder.File("policy.safetensors"), weights, type);

        IReadOnlyDictionary<string, Tensor> saved = Saved("policy.safetensors");
        Assert.All(weights, weight => Same.AssertExact(weight.Value.to(type), saved[weight.Key]));
        Same.AssertExact(Buffer().to(type), saved[NoCaption]);
    }

    [Fact]
    public void What_is_not_trained_can_be_given_and_what_is_frozen_left_out()
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = Given();
        Tensor head = Toys.Named(_policy, Head).detach().clone();
        Toys.Named(_policy, Head).requires_grad = false;
        weights.Remove(Head);
        weights[NoCaption] = ones(5, 12);

        _policy.Save(_folder.File("policy.safetensors"), weights);

        IReadOnlyDictionary<string, Tensor> saved = Saved("policy.safetensors");
        Same.AssertExact(head, saved[Head]);
        Same.AssertExact(ones(5, 12), saved[NoCaption]);
    }

    [Theory]
    [InlineData("policy.safetensors")]
    [InlineData("policy.pt")]
    public void Those_of_another_policy_are_refused_by_name_and_nothing_is_written(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = Given();
        weights.Remove("norm.weight");
        weights[Head] = zeros(2, 2);
        weights["tok_embeddings.weight"] = zeros([40, 32], ScalarType.Int64);
        weights["decoder.stray"] = zeros(1);

        var exception = Assert.Throws<ArgumentException>(() => _policy.Save(_folder.File(file), weights));

        Assert.Equal("weights", exception.ParamName);
        Assert.Contains("'norm.weight' (32) is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'output.weight' is (2, 2) where (40, 32) is needed", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'tok_embeddings.weight' is Int64, which is no floating-point type", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'decoder.stray' is not of this model", exception.Message, StringComparison.Ordinal);
        Assert.Contains("AlignmentTrainer.CopyWeights", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("layers.0", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_refusal_leaves_the_file_that_is_there_and_lists_what_can_be_read()
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = Given();
        string path = _folder.File("policy.safetensors");
        _policy.Save(path);
        byte[] before = File.ReadAllBytes(path);

        var exception = Assert.Throws<ArgumentException>(() => _policy.Save(path, new Dictionary<string, Tensor>()));

        Assert.Contains($"and {weights.Count - 10} more", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    private Dictionary<string, Tensor> Given()
    {
        using var generator = new Generator(9);
        return _policy.NamedParameters().ToDictionary(named => named.Name, named => randn(named.Parameter.shape, generator: generator));
    }

    private Dictionary<string, Tensor> Own() => _policy.NamedParameters().ToDictionary(named => named.Name, named => named.Parameter.detach().clone());

    private Tensor Buffer()
    {
        _policy.Save(_folder.File("own.safetensors"));
        return Saved("own.safetensors")[NoCaption];
    }

    // The published scripts look for them under "model" in a PyTorch file.
    private Dictionary<string, Tensor> Saved(string file)
    {
        string prefix = file.EndsWith(".pt", StringComparison.Ordinal) ? "model." : "";
        IReadOnlyDictionary<string, Tensor> stored = Checkpoint.Load(_folder.File(file));
        Assert.All(stored.Keys, name => Assert.StartsWith(prefix, name, StringComparison.Ordinal));
        return stored.ToDictionary(weight => weight.Key[prefix.Length..], weight => weight.Value);
    }
}
