using TorchSharp;
using TorchSharp.Modules;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public sealed class PolicyCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaGenPolicy _policy = Toys.Policy();

    private string File => _folder.File("policy.safetensors");

    public void Dispose()
    {
        _policy.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_missing_misshapen_and_of_no_model_is_named_together()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        Dictionary<string, Tensor> tensors = policy.NamedParameters().ToDictionary(named => named.Name, named => (Tensor)named.Parameter);
        tensors.Remove("norm.weight");
        tensors["output.weight"] = zeros(2, 2);
        tensors["decoder.stray"] = zeros(1);
        string path = folder.File("other.pt");
        Checkpoint.SaveTorch(path, tensors, under: "model");

        string message = Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(path, Toys.PolicyShape)).Message;

        Assert.Contains("'norm.weight' (32) is missing", message, StringComparison.Ordinal);
        Assert.Contains("'output.weight' is (2, 2)", message, StringComparison.Ordinal);
        Assert.Contains("'decoder.stray' is not of this model", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_saved_is_loaded_to_the_last_bit()
    {
        _policy.Save(File);
        using LlamaGenPolicy loaded = LlamaGenPolicy.Load(File, Toys.PolicyShape);
        Assert.Equal(_policy.NamedParameters().Select(named => named.Name), loaded.NamedParameters().Select(named => named.Name));
        foreach ((string name, Parameter parameter) in _policy.NamedParameters())
        {
            Same.AssertExact(parameter, Toys.Named(loaded, name));
            Assert.True(Toys.Named(loaded, name).requires_grad, name);
        }
    }

    [Fact]
    public void Half_precision_is_of_the_file_only()
    {
        using DisposeScope scope = NewDisposeScope();
        _policy.Save(File, ScalarType.Float16);
        using (CheckpointReader reader = CheckpointReader.Open(File))
            Assert.All(reader.Entries, entry => Assert.Equal(ScalarType.Float16, entry.ScalarType));
        using LlamaGenPolicy loaded = LlamaGenPolicy.Load(File, Toys.PolicyShape);
        foreach ((string name, Parameter parameter) in _policy.NamedParameters())
            Same.AssertExact(parameter.to(ScalarType.Float16).to(ScalarType.Float32), Toys.Named(loaded, name));
    }

    [Fact]
    public void Wrapped_names_and_further_tensors_do_not_matter()
    {
        using DisposeScope scope = NewDisposeScope();
        var tensors = Stored().ToDictionary(stored => $"model.module.{stored.Key}", stored => stored.Value);
        tensors["model.module.freqs_cis"] = zeros(3);
        Checkpoint.Save(File, tensors);
        using LlamaGenPolicy loaded = LlamaGenPolicy.Load(File, Toys.PolicyShape);
        Same.AssertExact(Toys.Named(_policy, "output.weight"), Toys.Named(loaded, "output.weight"));
    }

    [Fact]
    public void Missing_and_misshapen_tensors_are_all_named()
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = Stored();
        tensors.Remove("norm.weight");
        tensors.Remove("layers.1.attention.wo.weight");
        tensors["tok_embeddings.weight"] = zeros(7, 32);
        Checkpoint.Save(File, tensors);
        var exception = Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(File, Toys.PolicyShape));
        Assert.Contains("'norm.weight' (32) is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'layers.1.attention.wo.weight' (32, 32) is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'tok_embeddings.weight' is (7, 32) where (40, 32) is needed", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("output.weight", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_larger_configuration_than_the_files_is_refused_with_a_list_of_bearable_length()
    {
        _policy.Save(File);
        var exception = Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(File, Toys.PolicyShape with { Layers = 40 }));
        Assert.Contains("'layers.2.attention.wqkv.weight'", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"and {38 * 7 - 20} more", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_cut_short_or_something_else_is_a_checkpoint_error()
    {
        Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(_folder.File("nothing.pt"), Toys.PolicyShape));
        System.IO.File.WriteAllText(_folder.File("text.pt"), "<html>not found</html>");
        Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(_folder.File("text.pt"), Toys.PolicyShape));
        _policy.Save(File);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(_folder.File("cut.safetensors"), whole[..(whole.Length / 2)]);
        var exception = Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(_folder.File("cut.safetensors"), Toys.PolicyShape));
        Assert.Contains("cut.safetensors", exception.Message, StringComparison.Ordinal);
    }

    private Dictionary<string, Tensor> Stored() => _policy.NamedParameters().ToDictionary(named => named.Name, named => (Tensor)named.Parameter);
}
