using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Compute;

/// <summary>A reward seen from each token: what happens near the token counts in full, the rest of the image at a share.</summary>
internal static class LocalCredit
{
    /// <summary>
    /// near(t) + s · (whole - near(t)), near(t) being the part of the reward that comes from the cells of the token grid at
    /// most r rows and columns away from token t. With s = 1 that is the whole reward, from every token.
    /// </summary>
    /// <param name="maps">
    /// (N, h, w) each, of any resolution: where the reward comes from. The reward is the sum of their means over space.
    /// </param>
    /// <param name="layout">The grids of the T tokens.</param>
    /// <param name="neighbourhood">r ≥ 0, in cells.</param>
    /// <param name="wholeImage">s in [0, 1].</param>
    /// <returns>(N, T).</returns>
    public static Tensor Positions(IReadOnlyList<Tensor> maps, TokenLayout layout, int neighbourhood, double wholeImage)
    {
        using DisposeScope scope = NewDisposeScope();
        var stages = new List<Tensor>();
        foreach (TokenStage stage in layout.Stages)
        {
            Tensor cells = OnGrid(maps, stage.Height, stage.Width); // (N, 1, rows, columns)
            Tensor whole = cells.sum([2, 3], keepdim: true); // (N, 1, 1, 1)
            Tensor near = WindowSums(cells, neighbourhood); // (N, 1, rows, columns)
            stages.Add((near * (1 - wholeImage) + whole * wholeImage).flatten(1)); // (N, rows columns)
        }

        return cat(stages, dim: 1).MoveToOuterDisposeScope();
    }

    // Each cell's part of the reward: they add up to the whole (exactly so where the map's sides are multiples of the grid's).
    private static Tensor OnGrid(IReadOnlyList<Tensor> maps, int rows, int columns)
    {
        Tensor sum = F.adaptive_avg_pool2d(maps[0].unsqueeze(1), [rows, columns]);
        foreach (Tensor map in maps.Skip(1))
            sum = sum + F.adaptive_avg_pool2d(map.unsqueeze(1), [rows, columns]);
        return sum / (rows * columns);
    }

    private static Tensor WindowSums(Tensor cells, int neighbourhood)
    {
        // A window that reaches over the whole grid from any cell needs no more padding than that.
        int rows = Math.Min(neighbourhood, (int)cells.shape[2] - 1);
        int columns = Math.Min(neighbourhood, (int)cells.shape[3] - 1);
        (int height, int width) = (2 * rows + 1, 2 * columns + 1);
        return F.avg_pool2d(cells, [height, width], [1, 1], [rows, columns], count_include_pad: true) * (height * width);
    }
}
