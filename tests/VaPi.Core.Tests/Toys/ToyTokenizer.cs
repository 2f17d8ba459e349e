using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Tests.Toys;

/// <summary>
/// A grid of flat cells: decoding paints each cell in its token's colour, encoding finds the nearest colour. Its vectors are colours.
/// </summary>
internal sealed class ToyTokenizer : IDifferentiableTokenizer, IDisposable
{
    private readonly int _cell;
    private readonly Tensor _palette; // (V, 3)

    public ToyTokenizer(int colours = 12, int grid = 4, int cell = 2)
    {
        _cell = cell;
        CodebookSize = colours;
        Layout = TokenLayout.Grid(grid, grid);
        ImageSize = grid * cell;
        Fingerprint = $"toy {colours} {grid} {cell}";
        using var generator = new Generator(11, CPU);
        using Tensor uniform = rand([colours, 3], generator: generator);
        _palette = (uniform * 1.9 - 0.95).DetachFromDisposeScope();
    }

    public int CodebookSize { get; }

    public TokenLayout Layout { get; }

    public ImageSize ImageSize { get; }

    public string? Fingerprint { get; init; }

    public Device? Device { get; init; }

    public Tensor Codebook => _palette;

    /// <summary>How often images were encoded.</summary>
    public int Encoded { get; private set; }

    public Tensor Encode(Tensor images)
    {
        Encoded++;
        using DisposeScope scope = NewDisposeScope();
        Tensor means = EncodeContinuous(images); // (B, T, 3)
        Tensor distances = (means.unsqueeze(2) - _palette).square().sum(-1); // (B, T, V)
        return distances.argmin(-1).MoveToOuterDisposeScope();
    }

    public Tensor EncodeContinuous(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return F.avg_pool2d(images, _cell).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }

    public Tensor Decode(Tensor tokens)
    {
        using Tensor vectors = _palette[tokens];
        return DecodeVectors(vectors);
    }

    public Tensor DecodeVectors(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        TokenStage stage = Layout.Stages[0];
        Tensor cells = vectors.transpose(1, 2).reshape(-1, 3, stage.Height, stage.Width);
        return cells.repeat_interleave(_cell, 2).repeat_interleave(_cell, 3).MoveToOuterDisposeScope();
    }

    public void Dispose() => _palette.Dispose();
}
