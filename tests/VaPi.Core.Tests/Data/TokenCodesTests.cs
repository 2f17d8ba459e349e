using TorchSharp;
using VaPi.Alignment;
using VaPi.Checkpoints;
using VaPi.Data;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public sealed class TokenCodesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ToyWorld _world = new();

    private string Codes => Path.Combine(_folder.Path, "codes.safetensors");

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(12, ScalarType.Byte)]
    [InlineData(256, ScalarType.Byte)]
    [InlineData(257, ScalarType.Int16)]
    [InlineData(40_000, ScalarType.Int32)]
    public void The_file_holds_what_the_tokenizer_gives_in_the_smallest_type(int colours, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var tokenizer = new ToyTokenizer(colours);
        Tensor tokens = randint(0, colours, [7, 16], ScalarType.Int64);
        tokens[0, 0] = colours - 1;
        using TensorImageSource images = ImageSource.FromTensors(tokenizer.Decode(tokens), new NoCondition(7));
        var progress = new Reports();

        Assert.Empty(TokenCodes.Extract(images, tokenizer, Codes, new TokenExtractionOptions { BatchSize = 3 }, progress));

        Assert.Equal([3, 6, 7], progress.Values);
        Assert.Equal([Codes], Directory.GetFiles(_folder.Path));
        using (CheckpointReader reader = CheckpointReader.Open(Codes))
            Assert.Equal(type, reader.Entries.Single(entry => entry.Name == "tokens").ScalarType);
        using TokenCodes codes = TokenCodes.Open(Codes, tokenizer);
        Assert.Equal((7, tokenizer.Fingerprint, images.Fingerprint), (codes.Count, codes.TokenizerFingerprint, codes.ImagesFingerprint));
        using ImageBatch batch = images.WithCodes(codes).Read([new(6, 1), new(0, 2), new(6, 3)]);
        using ImageBatch plain = images.Read([new(6, 1), new(0, 2), new(6, 3)]);
        Expect.Identical(tokenizer.Encode(plain.Images), batch.Tokens!);
        Expect.Identical(plain.Images, batch.Images);
        Assert.Equal(ScalarType.Int64, batch.Tokens!.dtype);
    }

    [Fact]
    public void A_run_with_codes_is_the_run_without_bit_for_bit()
    {
        using var plain = new ToyWorld();
        using AlignmentTrainer expected = plain.Trainer();
        TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes, new TokenExtractionOptions { BatchSize = 4 });
        using TokenCodes codes = TokenCodes.Open(Codes, _world.Tokenizer);
        using AlignmentTrainer trainer = _world.Builder().WithImages(_world.Images.WithCodes(codes)).Build();
        int encoded = _world.Tokenizer.Encoded;

        Assert.Equal(Expect.Digests(expected, 4), Expect.Digests(trainer, 4));

        Expect.SameParameters(plain.Policy, _world.Policy);
        Assert.Equal(encoded, _world.Tokenizer.Encoded);
        Assert.Equal(4, plain.Tokenizer.Encoded);
    }

    [Fact]
    public void Held_out_rewards_are_the_same_too()
    {
        TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes);
        using TokenCodes codes = TokenCodes.Open(Codes, _world.Tokenizer);
        var options = new AlignmentOptions { ImagesPerRollout = 4, GroupSize = 2 };
        Assert.Equal(
            HeldOutReward.Measure(_world.Policy, _world.Tokenizer, VaPi.Rewards.Reward.MeanSquaredError(), _world.Images, options, imageCount: 6),
            HeldOutReward.Measure(_world.Policy, _world.Tokenizer, VaPi.Rewards.Reward.MeanSquaredError(), _world.Images.WithCodes(codes), options, imageCount: 6));
    }

    [Fact]
    public void A_run_on_files_with_a_broken_one_is_the_same_with_codes()
    {
        using var many = new ToyWorld(images: 24);
        using var files = new ToyFolder(many, images: 24);
        files.Write("class1/broken.png", "no image"u8.ToArray());
        ImageFolder images = files.OpenFixed(_world);
        UnreadableImage broken = Assert.Single(TokenCodes.Extract(images, _world.Tokenizer, Codes));
        Assert.EndsWith("broken.png", broken.Path, StringComparison.Ordinal);
        using TokenCodes codes = TokenCodes.Open(Codes, _world.Tokenizer);
        using var plain = new ToyWorld();
        using AlignmentTrainer expected = plain.Builder().WithImages(images).Build();
        using AlignmentTrainer trainer = _world.Builder().WithImages(images.WithCodes(codes)).Build();

        Assert.Equal(Expect.Digests(expected, 8), Expect.Digests(trainer, 8));

        // A file that is mended afterwards has no tokens, and is still passed over.
        files.Write("class1/broken.png", TestImages.Png(8, 8, TestImages.Pattern));
        var error = Assert.Throws<ImageDataException>(() => images.WithCodes(codes).Read([new(0, 0), new(broken.Index, 0)]));
        Assert.Equal(broken.Index, Assert.Single(error.Unreadable).Index);
        Assert.Contains("has no tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_vary_are_refused()
    {
        using var files = new ToyFolder(_world, images: 6);
        ImageFolder varied = files.Open(_world);
        Assert.Contains("vary from draw to draw", Assert.Throws<ArgumentException>(() => TokenCodes.Extract(varied, _world.Tokenizer, Codes)).Message, StringComparison.Ordinal);
        TokenCodes.Extract(files.OpenFixed(_world), _world.Tokenizer, Codes);
        using TokenCodes codes = TokenCodes.Open(Codes, _world.Tokenizer);
        Assert.Throws<ArgumentException>(() => varied.WithCodes(codes));

        // A source that does not say is taken to vary.
        Assert.Contains(nameof(IImageSource.PixelsDependOnSeed), Assert.Throws<ArgumentException>(() => new ToyImages(files.OpenFixed(_world)).WithCodes(codes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_images_are_refused()
    {
        TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes);
        using TokenCodes codes = TokenCodes.Open(Codes, _world.Tokenizer);
        using var fewer = new ToyWorld(images: 9);
        Assert.Contains("10 images, but there are 9", Assert.Throws<ArgumentException>(() => fewer.Images.WithCodes(codes)).Message, StringComparison.Ordinal);
        using TensorImageSource others = ImageSource.FromTensors(zeros(10, 3, 8, 8), new NoCondition(10));
        Assert.Contains(others.Fingerprint, Assert.Throws<ArgumentException>(() => others.WithCodes(codes)).Message, StringComparison.Ordinal);
        using TensorImageSource larger = ImageSource.FromTensors(zeros(10, 3, 16, 16), new NoCondition(10));
        Assert.Throws<ArgumentException>(() => TokenCodes.Extract(larger, _world.Tokenizer, Codes));
    }

    [Fact]
    public void Another_tokenizer_is_refused_wherever_it_comes_in()
    {
        TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes);
        using var other = new ToyTokenizer { Fingerprint = "another" };
        string message = Assert.Throws<CheckpointException>(() => TokenCodes.Open(Codes, other)).Message;
        Assert.All([_world.Tokenizer.Fingerprint!, "another", "extract them again"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        using var smaller = new ToyTokenizer(colours: 11) { Fingerprint = _world.Tokenizer.Fingerprint };
        Assert.Contains("codebook_size is 12", Assert.Throws<CheckpointException>(() => TokenCodes.Open(Codes, smaller)).Message, StringComparison.Ordinal);

        using TokenCodes codes = TokenCodes.Open(Codes, _world.Tokenizer);
        IImageSource images = _world.Images.WithCodes(codes);
        Assert.Contains("were made by the tokenizer", Assert.Throws<InvalidOperationException>(() => _world.Builder().WithImages(images).WithTokenizer(other).Build()).Message, StringComparison.Ordinal);
        using AlignmentTrainer hidden = _world.Builder().WithImages(new ToyImages(images)).WithTokenizer(other).Build();
        Assert.Contains("come with tokens of the tokenizer", Assert.Throws<InvalidOperationException>(() => hidden.Step()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_that_cannot_be_are_refused()
    {
        foreach (Tensor tokens in new[] { full(10, 16, 12, dtype: ScalarType.Int64), full(10, 16, -1, dtype: ScalarType.Int64), zeros(10, 15, dtype: ScalarType.Int64) })
        {
            using AlignmentTrainer trainer = _world.Builder().WithImages(new WithTokens(_world.Images, tokens, _world.Tokenizer.Fingerprint!)).Build();
            Assert.Contains("The images come with", Assert.Throws<InvalidOperationException>(() => trainer.Step()).Message, StringComparison.Ordinal);
            tokens.Dispose();
        }
    }

    [Fact]
    public void A_tokenizer_without_a_fingerprint_is_told_what_to_implement()
    {
        using var nameless = new ToyTokenizer { Fingerprint = null };
        Assert.Contains("ToyTokenizer has no fingerprint", Assert.Throws<ArgumentException>(() => TokenCodes.Extract(_world.Images, nameless, Codes)).Message, StringComparison.Ordinal);
        TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes);
        Assert.Throws<ArgumentException>(() => TokenCodes.Open(Codes, nameless));
    }

    [Fact]
    public void Nothing_is_left_of_an_extraction_that_did_not_end()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Reports(_ => stop.Cancel());
        Assert.Throws<OperationCanceledException>(() => TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes, new TokenExtractionOptions { BatchSize = 2 }, progress, stop.Token));
        Assert.Equal([2], progress.Values);
        Assert.Empty(Directory.GetFiles(_folder.Path));

        using var files = new ToyFolder(_world, images: 10);
        files.Write("class1/broken.png", "no image"u8.ToArray());
        var error = Assert.Throws<ImageDataException>(() => TokenCodes.Extract(files.OpenFixed(_world), _world.Tokenizer, Codes));
        Assert.Contains("1 of 11 images cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Throws<ArgumentException>(() => TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes, new TokenExtractionOptions { BatchSize = 0 }));
        Assert.Throws<CheckpointException>(() => TokenCodes.Extract(_world.Images, _world.Tokenizer, Path.Combine(_folder.Path, "none", "codes")));
    }

    [Fact]
    public void Other_files_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Checkpoint.Save(Codes, new Dictionary<string, Tensor> { ["tokens"] = zeros(10, 16, dtype: ScalarType.Byte) });
        Assert.Contains("does not hold extracted tokens", Assert.Throws<CheckpointException>(() => TokenCodes.Open(Codes, _world.Tokenizer)).Message, StringComparison.Ordinal);
        TokenCodes.Extract(_world.Images, _world.Tokenizer, Codes);
        IReadOnlyDictionary<string, string> notes;
        using (CheckpointReader reader = CheckpointReader.Open(Codes))
            notes = reader.Metadata.ToDictionary();
        Checkpoint.Save(Codes, new Dictionary<string, Tensor> { ["tokens"] = zeros(10, 15, dtype: ScalarType.Byte), ["readable"] = ones(10, dtype: ScalarType.Bool) }, notes);
        Assert.Contains("not those of extracted tokens", Assert.Throws<CheckpointException>(() => TokenCodes.Open(Codes, _world.Tokenizer)).Message, StringComparison.Ordinal);
    }

    private sealed class Reports(Action<int>? then = null) : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value)
        {
            Values.Add(value);
            then?.Invoke(value);
        }
    }

    private sealed class WithTokens(IImageSource inner, Tensor tokens, string fingerprint) : IImageSource
    {
        public int Count => inner.Count;

        public ImageSize ImageSize => inner.ImageSize;

        public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
        {
            using ImageBatch batch = inner.Read(draws);
            return new ImageBatch(batch.Images.clone(), batch.Condition.To(CPU), tokens[..draws.Count].clone(), fingerprint);
        }
    }
}
