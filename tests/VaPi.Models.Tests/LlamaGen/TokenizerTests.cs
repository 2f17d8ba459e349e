using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public sealed class TokenizerTests : IDisposable
{
    private readonly LlamaGenTokenizer _tokenizer = Toys.Tokenizer();

    public void Dispose() => _tokenizer.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_image_has_the_same_tokens_whatever_is_encoded_beside_it(int atATime)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Toys.Images(5);
        Same.AssertExact(_tokenizer.Encode(images), cat([.. images.split(atATime).Select(_tokenizer.Encode)]));
    }

    [Fact]
    public void Shapes_and_types_are_the_contracts()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Toys.Images(3);
        Tensor tokens = _tokenizer.Encode(images);
        Assert.Equal(TokenLayout.Grid(6, 4), _tokenizer.Layout);
        Assert.Equal([3, 24], tokens.shape);
        Assert.Equal(ScalarType.Int64, tokens.dtype);
        Assert.Equal([3, 24, 4], _tokenizer.EncodeContinuous(images).shape);
        Tensor decoded = _tokenizer.Decode(tokens);
        Assert.Equal([3, 3, 12, 8], decoded.shape);
        Assert.Equal(ScalarType.Float32, decoded.dtype);
        Assert.False(decoded.requires_grad);
        Assert.Equal([Toys.Vocabulary, 4], _tokenizer.Codebook.shape);
    }

    [Fact]
    public void The_codebook_has_rows_of_length_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Same.AssertClose(ones(Toys.Vocabulary), _tokenizer.Codebook.square().sum([1]).sqrt(), 1e-6);
    }

    [Fact]
    public void Tokens_are_the_nearest_rows_once_both_sides_have_length_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Toys.Images(16);
        Tensor vectors = _tokenizer.EncodeContinuous(images).to(ScalarType.Float64); // (B, T, C)
        vectors /= vectors.square().sum([-1], keepdim: true).sqrt();
        Tensor rows = _tokenizer.NamedParameters().Single(named => named.Name == "quantize.embedding.weight").Parameter.to(ScalarType.Float64);
        rows /= rows.square().sum([-1], keepdim: true).sqrt();
        Tensor distances = (vectors.unsqueeze(2) - rows).square().sum([-1]); // (B, T, V)
        Tensor tokens = _tokenizer.Encode(images);
        Assert.True(tokens.unique().output.numel() > 3, "Too few different tokens to mean anything.");
        Same.AssertExact(distances.argmin(-1), tokens);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 3)]
    [InlineData(5, 1)]
    public void A_cells_pixels_are_its_tokens_in_raster_order(int row, int column)
    {
        using DisposeScope scope = NewDisposeScope();
        SeeOnlyTheOwnCell();
        Tensor images = Toys.Images(1);
        Tensor changed = images.clone();
        changed.narrow(2, 2 * row, 2).narrow(3, 2 * column, 2).neg_();
        Tensor moved = (_tokenizer.EncodeContinuous(changed) - _tokenizer.EncodeContinuous(images)).abs().sum([-1]);
        Assert.Equal(row * 4 + column, moved.argmax().item<long>());

        Tensor tokens = zeros([1, 24], ScalarType.Int64);
        Tensor other = tokens.clone();
        other[0, row * 4 + column] = tensor(1L);
        Tensor difference = (_tokenizer.Decode(other) - _tokenizer.Decode(tokens)).abs().sum([0, 1]); // (H, W)
        Tensor cells = difference.view(6, 2, 4, 2).sum([1, 3]);
        Assert.Equal(row * 4 + column, cells.argmax().item<long>());
    }

    [Fact]
    public void Vectors_of_the_codebook_decode_as_their_tokens()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = _tokenizer.Encode(Toys.Images(2));
        Tensor vectors = _tokenizer.Codebook.index_select(0, tokens.reshape(-1)).view(2, 24, 4);
        Same.AssertExact(_tokenizer.Decode(tokens), _tokenizer.DecodeVectors(vectors));
    }

    [Fact]
    public void Gradients_flow_from_pixels_to_vectors_and_are_those_of_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(9);
        Tensor vectors = randn([1, 24, 4], generator: generator).requires_grad_();
        Tensor weights = randn([1, 3, 12, 8], generator: generator);
        Tensor direction = randn([1, 24, 4], generator: generator);
        (_tokenizer.DecodeVectors(vectors) * weights).sum().backward();
        double alongGradient = (vectors.grad! * direction).sum().item<float>();

        using IDisposable gradients = no_grad();
        double At(double step) => (_tokenizer.DecodeVectors(vectors + step * direction) * weights).to(ScalarType.Float64).sum().item<double>();
        double byDifferences = (At(1e-2) - At(-1e-2)) / 2e-2;
        Assert.InRange(alongGradient / byDifferences, 0.98, 1.02);
        Assert.All(_tokenizer.NamedParameters(), named => Assert.False(named.Parameter.requires_grad, named.Name));
    }

    [Fact]
    public void A_new_tokenizer_is_decided_by_its_seed()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer again = Toys.Tokenizer(seed: 1);
        using LlamaGenTokenizer other = Toys.Tokenizer(seed: 2);
        Tensor images = Toys.Images(1);
        Same.AssertExact(_tokenizer.EncodeContinuous(images), again.EncodeContinuous(images));
        Same.AssertDifferent(_tokenizer.EncodeContinuous(images), other.EncodeContinuous(images));
    }

    [Fact]
    public void A_changed_codebook_is_seen_after_a_refresh()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = no_grad();
        Tensor before = _tokenizer.Codebook.clone();
        _tokenizer.NamedParameters().Single(named => named.Name == "quantize.embedding.weight").Parameter.neg_();
        _tokenizer.Refresh();
        Same.AssertExact(-before, _tokenizer.Codebook);
    }

    /// <summary>Leaves the middle of every kernel and no attention, so that only the norms' statistics reach beyond a cell.</summary>
    private void SeeOnlyTheOwnCell()
    {
        using IDisposable gradients = no_grad();
        foreach ((string name, Parameter parameter) in _tokenizer.NamedParameters())
        {
            if (name.Contains("proj_out", StringComparison.Ordinal))
            {
                parameter.zero_();
            }
            else if (parameter.dim() == 4 && parameter.shape[2] == 3)
            {
                Tensor middle = parameter.narrow(2, 1, 1).narrow(3, 1, 1).clone();
                parameter.zero_();
                parameter.narrow(2, 1, 1).narrow(3, 1, 1).copy_(3 * middle);
            }
        }
    }
}
