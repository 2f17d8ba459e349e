using TorchSharp;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public sealed class TokenizerArgumentTests : IDisposable
{
    private readonly LlamaGenTokenizer _tokenizer = Toys.Tokenizer();

    public void Dispose() => _tokenizer.Dispose();

    [Theory]
    [InlineData(1, 3, 8, 12)] // sides exchanged
    [InlineData(1, 3, 12, 10)]
    [InlineData(1, 1, 12, 8)]
    [InlineData(3, 12, 8)]
    public void Images_of_another_size_are_named_with_the_right_one(params int[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = zeros([.. shape.Select(side => (long)side)]);
        foreach (Func<Tensor, Tensor> encode in new Func<Tensor, Tensor>[] { _tokenizer.Encode, _tokenizer.EncodeContinuous })
            AssertNamed("(B, 3, 12, 8)", shape, Assert.Throws<ArgumentException>(() => encode(images)));
    }

    [Theory]
    [InlineData(2, 23)]
    [InlineData(2, 6, 4)]
    public void Tokens_of_another_number_are_named_with_the_right_one(params int[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = zeros([.. shape.Select(side => (long)side)], ScalarType.Int64);
        AssertNamed("(N, 24)", shape, Assert.Throws<ArgumentException>(() => _tokenizer.Decode(tokens)));
    }

    [Theory]
    [InlineData(2, 24, 3)]
    [InlineData(2, 4, 24)] // the same count of numbers, the wrong way round
    [InlineData(24, 4)]
    public void Vectors_of_another_shape_are_named_with_the_right_one(params int[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = zeros([.. shape.Select(side => (long)side)]);
        AssertNamed("(N, 24, 4)", shape, Assert.Throws<ArgumentException>(() => _tokenizer.DecodeVectors(vectors)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Toys.Vocabulary)]
    public void A_token_that_there_is_not_is_named_with_those_that_there_are(long token)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = full([2, 24], token, ScalarType.Int64);

        string message = Assert.Throws<ArgumentException>(() => _tokenizer.Decode(tokens)).Message;

        Assert.Contains($"Tokens must be 0 to {Toys.Vocabulary - 1}; they are {token} to {token}.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tokenizer_says_so()
    {
        using DisposeScope scope = NewDisposeScope();
        LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using Tensor _ = tokenizer.Encode(zeros(1, 3, 12, 8)); // computes the codebook
        tokenizer.Dispose();
        tokenizer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tokenizer.Encode(zeros(1, 3, 12, 8)));
        Assert.Throws<ObjectDisposedException>(() => tokenizer.Decode(zeros([1, 24], ScalarType.Int64)));
        Assert.Throws<ObjectDisposedException>(() => tokenizer.Codebook);
        Assert.Throws<ObjectDisposedException>(() => tokenizer.Device);
    }

    private static void AssertNamed(string wanted, int[] given, ArgumentException exception)
    {
        Assert.Contains(wanted, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"({string.Join(", ", given)})", exception.Message, StringComparison.Ordinal);
    }
}
