using TorchSharp;
using TorchSharp.Modules;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public sealed class TokenizerCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaGenTokenizer _tokenizer = Toys.Tokenizer();

    private string File => _folder.File("tokenizer.safetensors");

    public void Dispose()
    {
        _tokenizer.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ScalarType.Float16)]
    public void What_was_saved_is_loaded_as_precisely_as_it_was_stored(ScalarType? type)
    {
        using DisposeScope scope = NewDisposeScope();
        _tokenizer.Save(File, type);
        using LlamaGenTokenizer loaded = LlamaGenTokenizer.Load(File, Toys.TokenizerShape);
        var parameters = loaded.NamedParameters().ToDictionary(named => named.Name, named => named.Parameter);
        foreach ((string name, Parameter parameter) in _tokenizer.NamedParameters())
            Same.AssertExact(parameter.to(type ?? ScalarType.Float32).to(ScalarType.Float32), parameters[name]);
    }

    [Fact]
    public void A_loaded_tokenizer_encodes_and_decodes_as_the_saved_one()
    {
        using DisposeScope scope = NewDisposeScope();
        _tokenizer.Save(File);
        using LlamaGenTokenizer loaded = LlamaGenTokenizer.Load(File, Toys.TokenizerShape);
        Tensor images = Toys.Images(2);
        Tensor tokens = _tokenizer.Encode(images);
        Same.AssertExact(tokens, loaded.Encode(images));
        Same.AssertExact(_tokenizer.Decode(tokens), loaded.Decode(tokens));
    }

    [Fact]
    public void The_size_of_the_images_is_not_of_the_file()
    {
        using DisposeScope scope = NewDisposeScope();
        _tokenizer.Save(File);
        using LlamaGenTokenizer larger = LlamaGenTokenizer.Load(File, Toys.TokenizerShape with { ImageSize = 16 });
        Assert.Equal([1, 64], larger.Encode(zeros(1, 3, 16, 16)).shape);
    }

    [Fact]
    public void Missing_and_misshapen_tensors_are_all_named()
    {
        using DisposeScope scope = NewDisposeScope();
        var tensors = _tokenizer.NamedParameters().ToDictionary(named => named.Name, named => (Tensor)named.Parameter);
        tensors.Remove("encoder.mid.1.q.bias");
        tensors["quantize.embedding.weight"] = zeros(Toys.Vocabulary, 8);
        Checkpoint.Save(File, tensors);
        var exception = Assert.Throws<CheckpointException>(() => LlamaGenTokenizer.Load(File, Toys.TokenizerShape));
        Assert.Contains("'encoder.mid.1.q.bias' (64) is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'quantize.embedding.weight' is (40, 8) where (40, 4) is needed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_foreign_file_is_a_checkpoint_error()
    {
        Assert.Throws<CheckpointException>(() => LlamaGenTokenizer.Load(_folder.File("nothing.pt"), Toys.TokenizerShape));
        Assert.Throws<CheckpointException>(() => LlamaGenTokenizer.Load(GoldenFiles.File("recipe", "config.json"), Toys.TokenizerShape));
        Assert.Throws<CheckpointException>(() => LlamaGenTokenizer.Load(GoldenFiles.File("recipe", "gpt_c2i.pt"), Toys.TokenizerShape));
    }
}
