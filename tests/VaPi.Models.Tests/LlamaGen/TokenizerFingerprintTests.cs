using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public sealed class TokenizerFingerprintTests
{
    [Fact]
    public void It_tells_weights_and_configurations_apart_and_survives_a_file()
    {
        using var folder = new TemporaryFolder();
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using LlamaGenTokenizer same = Toys.Tokenizer();
        using LlamaGenTokenizer seeded = LlamaGenTokenizer.Create(Toys.TokenizerShape, seed: 99);
        using LlamaGenTokenizer larger = LlamaGenTokenizer.Create(Toys.TokenizerShape with { ImageSize = new ImageSize(16, 8) }, seed: 99);
        string path = folder.File("tokenizer.safetensors");
        tokenizer.Save(path);
        using LlamaGenTokenizer loaded = LlamaGenTokenizer.Load(path, Toys.TokenizerShape);

        Assert.Matches("^[0-9a-f]{64}$", tokenizer.Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, same.Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, loaded.Fingerprint);
        Assert.Equal(3, new[] { tokenizer, seeded, larger }.Select(each => each.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void The_smallest_change_of_any_weight_shows_once_it_is_refreshed()
    {
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        var seen = new HashSet<string> { tokenizer.Fingerprint };
        foreach ((_, TorchSharp.Modules.Parameter parameter) in tokenizer.NamedParameters())
        {
            using (no_grad())
            using (Tensor flat = parameter.view(-1))
            using (Tensor last = flat.narrow(0, flat.shape[0] - 1, 1))
                last.add_(1e-3);
            tokenizer.Refresh();
            Assert.True(seen.Add(tokenizer.Fingerprint));
        }
    }

    [Fact]
    public void Extracted_tokens_are_those_of_encode_and_refused_after_a_change()
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using TensorImageSource images = ImageSource.FromTensors(Toys.Images(5), new NoCondition(5));
        string path = folder.File("codes.safetensors");
        TokenCodes.Extract(images, tokenizer, path);
        using (TokenCodes codes = TokenCodes.Open(path, tokenizer))
        using (ImageBatch batch = images.WithCodes(codes).Read([new(4, 0), new(1, 0)]))
            Same.AssertExact(tokenizer.Encode(batch.Images), batch.Tokens!);

        using (no_grad())
            tokenizer.NamedParameters().First().Parameter.add_(1);
        tokenizer.Refresh();
        Assert.Throws<Checkpoints.CheckpointException>(() => TokenCodes.Open(path, tokenizer));
    }
}
