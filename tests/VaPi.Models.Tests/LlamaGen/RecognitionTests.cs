using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public class RecognitionTests
{
    [Theory]
    [InlineData(LlamaGenSize.B, 0)]
    [InlineData(LlamaGenSize.XL, 0)]
    [InlineData(LlamaGenSize.XL, 120)]
    [InlineData(LlamaGenSize.Billion7, 0)]
    public void A_published_policy_is_recognised_by_its_tensors(LlamaGenSize size, int captionPlaces)
    {
        using var folder = new TemporaryFolder();
        LlamaGenConfiguration expected = LlamaGenConfiguration.Of(size, 24) with { CaptionPlaces = captionPlaces };
        string path = Description(folder, expected);

        using CheckpointReader checkpoint = CheckpointReader.Open(path);

        Assert.Equal(expected, LlamaGenRecognition.Policy(checkpoint, path, 24));
    }

    [Fact]
    public void A_policy_of_no_published_size_is_refused_with_those_there_are()
    {
        using var folder = new TemporaryFolder();
        using LlamaGenPolicy toy = Toys.Policy();
        toy.Save(folder.File("toy.safetensors"));

        string message = Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(folder.File("toy.safetensors"))).Message;

        Assert.Contains("2 layers of width 32", message, StringComparison.Ordinal);
        Assert.Contains("XXL (48 of 1536)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_size_than_asked_for_is_refused_before_anything_is_loaded()
    {
        using var folder = new TemporaryFolder();
        string path = Description(folder, LlamaGenConfiguration.Of(LlamaGenSize.XL));

        string message = Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(path, LlamaGenSize.XXL)).Message;

        Assert.Contains("36 layers of width 1280", message, StringComparison.Ordinal);
        Assert.Contains("size XXL", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_tells_all_of_its_shape()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        string path = folder.File("tokenizer.pt");
        tokenizer.Save(path);

        using LlamaGenTokenizer loaded = LlamaGenTokenizer.Load(path, Toys.TokenizerShape.ImageSize);

        Assert.Equal(Toys.TokenizerShape with { ChannelMultipliers = loaded.Configuration.ChannelMultipliers }, loaded.Configuration);
        Assert.Equal(Toys.TokenizerShape.ChannelMultipliers, loaded.Configuration.ChannelMultipliers);
        Same.AssertExact(tokenizer.Encode(Toys.Images(2)), loaded.Encode(Toys.Images(2)));
    }

    [Fact]
    public void Something_else_is_refused_by_what_it_lacks()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        string path = folder.File("other.safetensors");
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["conv.weight"] = ones(1) });

        Assert.Contains("'tok_embeddings.weight'", Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("'quantize.embedding.weight'", Assert.Throws<CheckpointException>(() => LlamaGenTokenizer.Load(path, 256)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_make_no_model_are_the_files_fault()
    {
        using var folder = new TemporaryFolder();
        string path = Description(folder, LlamaGenConfiguration.Of(LlamaGenSize.B) with { Classes = 0 });

        Assert.Contains("Classes is 0", Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("Classes is 0", Assert.Throws<CheckpointException>(() => LlamaGenConfiguration.Recognise(path)).Message, StringComparison.Ordinal);
    }

    // A file that describes a model in full, though its gigabytes are a hole: only the description is read.
    private static string Description(TemporaryFolder folder, LlamaGenConfiguration configuration)
    {
        string path = folder.File("described.safetensors");
        long offset = 0;
        IEnumerable<string> entries = LlamaGenPolicy.Shapes(configuration).Select(shape =>
        {
            long start = offset;
            offset += 2 * shape.Shape.Aggregate(1L, (count, side) => count * side);
            return $"\"{shape.Name}\":{{\"dtype\":\"BF16\",\"shape\":[{string.Join(',', shape.Shape)}],\"data_offsets\":[{start},{offset}]}}";
        });
        byte[] header = System.Text.Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}");
        using FileStream file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)header.Length));
        file.Write(header);
        file.SetLength(8 + header.Length + offset);
        return path;
    }
}
