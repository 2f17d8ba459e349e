using TorchSharp;
using VaPi.Conformance;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Conformance;

/// <summary>A tokenizer that keeps its contract passes; each way of breaking it is found, under the rule's name.</summary>
[Collection(AloneCollection.Name)]
public sealed class TokenizerCheckTests : IDisposable
{
    private static readonly Dictionary<string, Func<ToyTokenizer, AlteredTokenizer>> Mistakes = new()
    {
        ["tokens: What Encode gave is Int32 (3, 16); it must be Int64 (3, 16). Its layout is 4x4."] = tokenizer => new AlteredTokenizer(tokenizer) { OwnEncode = images => tokenizer.Encode(images).to(ScalarType.Int32) },
        ["tokens: What Encode gave is Int64 (3, 4, 4)"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnEncode = images => tokenizer.Encode(images).view(-1, 4, 4) },
        ["tokens: Encode gave tokens from "] = tokenizer => new AlteredTokenizer(tokenizer) { OwnEncode = images => tokenizer.Encode(images) + 12 },
        ["tokens: Encode changed or disposed the images"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnEncode = images => tokenizer.Encode(images.mul_(0.5)) },
        ["images: What Decode gave is Float32 (3, 8, 8, 3)"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnDecode = tokens => tokenizer.Decode(tokens).permute(0, 2, 3, 1) },
        ["images: it threw InvalidOperationException: out of paint"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnDecode = _ => throw new InvalidOperationException("out of paint") },
        ["repeatable: The same images give other tokens"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnDecode = tokens => tokenizer.Decode(tokens) + rand(1) * 0.01 },
        ["images apart: An image gets other tokens or pixels"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnDecode = Normalised(tokenizer) },
        ["there and back: The mean squared error is"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnDecode = tokens => tokenizer.Decode(tokens.flip(1)) },
        ["fingerprint: Fingerprint is another text"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnFingerprint = () => Guid.NewGuid().ToString() },
        ["continuous side: Codebook is Float32 (12, 2, 3) on cpu"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnCodebook = stack([tokenizer.Codebook, tokenizer.Codebook], 1) },
        ["continuous side: DecodeVectors of the codebook's rows gives other images"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnCodebook = tokenizer.Codebook * 0.9 },
        ["continuous side: No gradient flows"] = tokenizer => new AlteredTokenizer(tokenizer) { OwnDecodeVectors = vectors => tokenizer.DecodeVectors(vectors.detach()) },
    };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ToyTokenizer _tokenizer = new();
    private readonly Tensor _images;

    public TokenizerCheckTests()
    {
        using var generator = new Generator(2, CPU);
        _images = _tokenizer.Decode(randint(12, [3, 16], ScalarType.Int64, generator: generator)) + (rand([3, 3, 8, 8], generator: generator) - 0.5) * 0.1;
    }

    public static TheoryData<string> MistakeNames => [.. Mistakes.Keys];

    public void Dispose()
    {
        _tokenizer.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void A_tokenizer_that_keeps_its_contract_passes_every_rule()
    {
        ConformanceReport report = TokenizerCheck.Of(_tokenizer, _images);

        Assert.True(report.IsKept, report.ToString());
        Assert.Equal(["tokens", "images", "repeatable", "images apart", "there and back", "fingerprint", "continuous side"], report.Findings.Select(finding => finding.Rule));
    }

    [Theory]
    [MemberData(nameof(MistakeNames))]
    public void A_mistake_is_found_and_named(string mistake)
    {
        ConformanceReport report = TokenizerCheck.Of(Mistakes[mistake](_tokenizer), _images);

        Assert.Contains($"BROKEN {mistake}", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_it_does_not_take_are_refused() =>
        Assert.Contains("give at least two, as Float32 (B, 3, 8, 8)", Assert.Throws<ArgumentException>(() => TokenizerCheck.Of(_tokenizer, _images.narrow(0, 0, 1))).Message, StringComparison.Ordinal);

    private static Func<Tensor, Tensor> Normalised(ToyTokenizer tokenizer) => tokens =>
    {
        Tensor images = tokenizer.Decode(tokens);
        return images - images.mean([0], keepdim: true) * 0.1;
    };

    private sealed class AlteredTokenizer(ToyTokenizer tokenizer) : IDifferentiableTokenizer
    {
        public Func<Tensor, Tensor>? OwnEncode { get; init; }

        public Func<Tensor, Tensor>? OwnDecode { get; init; }

        public Func<Tensor, Tensor>? OwnDecodeVectors { get; init; }

        public Func<string>? OwnFingerprint { get; init; }

        public Tensor? OwnCodebook { get; init; }

        public int CodebookSize => tokenizer.CodebookSize;

        public TokenLayout Layout => tokenizer.Layout;

        public ImageSize ImageSize => tokenizer.ImageSize;

        public string? Fingerprint => OwnFingerprint?.Invoke();

        public Tensor Codebook => OwnCodebook ?? tokenizer.Codebook;

        public Tensor Encode(Tensor images) => OwnEncode?.Invoke(images) ?? tokenizer.Encode(images);

        public Tensor Decode(Tensor tokens) => OwnDecode?.Invoke(tokens) ?? tokenizer.Decode(tokens);

        public Tensor EncodeContinuous(Tensor images) => tokenizer.EncodeContinuous(images);

        public Tensor DecodeVectors(Tensor vectors) => OwnDecodeVectors?.Invoke(vectors) ?? tokenizer.DecodeVectors(vectors);
    }
}
