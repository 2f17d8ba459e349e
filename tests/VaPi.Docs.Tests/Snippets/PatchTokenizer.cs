#region own tokenizer
using TorchSharp;
using VaPi;
using static TorchSharp.torch;

#endregion

namespace Documents;

#region own tokenizer
/// <summary>Cuts images into square patches; a token is the row of a book of patches that is nearest.</summary>
public sealed class PatchTokenizer : ITokenizer, IDisposable
{
    private readonly int _grid;
    private readonly Tensor _patches; // (V, 3 P P)

    /// <summary>A book of V patches taken from images, (N, 3, H, H) in [-1, 1].</summary>
    public PatchTokenizer(Tensor images, int grid, int entries)
    {
        using DisposeScope scope = NewDisposeScope();
        (_grid, CodebookSize, ImageSize) = (grid, entries, (int)images.shape[3]);
        Tensor all = Cut(images).flatten(0, 1); // (N T, 3 P P)
        Tensor chosen = linspace(0, all.shape[0] - 1, entries).to(ScalarType.Int64).to(images.device);
        _patches = all.index_select(0, chosen).DetachFromDisposeScope(); // outlives the scope
    }

    public int CodebookSize { get; }

    public TokenLayout Layout => TokenLayout.Grid(_grid, _grid);

    public ImageSize ImageSize { get; }

    public Device Device => _patches.device;

    public Tensor Encode(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor distances = cdist(Cut(images), _patches); // (B, T, V)
        return distances.argmin(-1).MoveToOuterDisposeScope(); // the caller's
    }

    public Tensor Decode(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        int side = ImageSize.Height / _grid;
        Tensor patches = _patches[tokens].view(-1, _grid, _grid, 3, side, side); // (N, rows, columns, 3, P, P)
        return patches.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, ImageSize.Height, ImageSize.Width).MoveToOuterDisposeScope();
    }

    public void Dispose() => _patches.Dispose();

    // (B, 3, H, H) to (B, T, 3 P P), in raster order
    private Tensor Cut(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        int side = ImageSize.Height / _grid;
        return images.view(-1, 3, _grid, side, _grid, side).permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2).contiguous().MoveToOuterDisposeScope();
    }
}
#endregion
