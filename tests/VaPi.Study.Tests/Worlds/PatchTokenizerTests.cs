using TorchSharp;
using VaPi.Study.Shapes;
using VaPi.Study.Tests.Support;
using VaPi.Study.Worlds;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Study.Tests.Worlds;

public sealed class PatchTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PatchTokenizer _tokenizer = PatchTokenizer.Create(seed: 3);

    public void Dispose()
    {
        _tokenizer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_saved_and_loaded_gives_the_same_tokens_and_images()
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = new ShapeScenes(SceneRegion.Training).Read([new ImageDraw(0, 0), new ImageDraw(1, 0)]);
        string path = _folder.At("tokenizer.safetensors");
        _tokenizer.Save(path);
        using PatchTokenizer loaded = PatchTokenizer.Load(path);

        Tensor tokens = _tokenizer.Encode(batch.Images);
        Assert.Equal([2, 64], tokens.shape);
        Assert.True(tokens.equal(loaded.Encode(batch.Images)).all().item<bool>());
        Tensor images = _tokenizer.Decode(tokens);
        Assert.Equal([2, 3, 64, 64], images.shape);
        Assert.True(images.allclose(loaded.Decode(tokens)));
        Assert.All(loaded.NamedParameters, named => Assert.False(named.Parameter.requires_grad));
    }

    [Fact]
    public void Tokens_decode_as_their_codebook_rows_do_and_gradients_reach_these()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = arange(64).unsqueeze(0);
        Tensor vectors = _tokenizer.Codebook.index_select(0, tokens.reshape(-1)).view(1, 64, 8).clone().requires_grad_();
        Tensor images = _tokenizer.DecodeVectors(vectors);
        Assert.True(images.allclose(_tokenizer.Decode(tokens), 1e-5, 1e-6));
        images.square().mean().backward();
        using Tensor gradient = vectors.grad!;
        Assert.True((gradient.abs().sum([0, 2]) > 0).all().item<bool>());
    }

    [Fact]
    public void A_file_of_another_network_is_named()
    {
        string path = _folder.At("other.safetensors");
        using (Tensor other = zeros(2))
            VaPi.Checkpoints.Checkpoint.Save(path, [KeyValuePair.Create("other", other)]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PatchTokenizer.Load(path)).Message, StringComparison.Ordinal);
    }
}
