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

    // Each cell's part of the reward: they add up to the whole, also where pixels of a map lie over several cells.
    private static Tensor OnGrid(IReadOnlyList<Tensor> maps, int rows, int columns)
    {
        Tensor? sum = null;
        foreach (Tensor map in maps)
        {
            Tensor cells = Shares(rows, map.shape[1], map.device).matmul(map.to(ScalarType.Float32)).matmul(Shares(columns, map.shape[2], map.device).t());
            sum = sum is null ? cells : sum + cells;
        }

        return sum!.unsqueeze(1);
    }

    // (cells, pixels): the share of a side's length that lies in both the cell and the pixel. Counted in steps that divide both.
    private static Tensor Shares(long cells, long pixels, Device device)
    {
        Tensor cell = arange(cells, ScalarType.Int64, device).unsqueeze(1) * pixels;
        Tensor pixel = arange(pixels, ScalarType.Int64, device) * cells;
        Tensor steps = minimum(cell + pixels, pixel + cells) - maximum(cell, pixel);
        return steps.clamp(min: 0).to(ScalarType.Float32) / (double)(cells * pixels);
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
