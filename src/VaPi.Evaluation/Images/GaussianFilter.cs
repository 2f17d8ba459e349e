using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// Averages pixels under a Gaussian window that lies fully inside the image. Windows are separable, so both passes are products
/// with band matrices, which float64 has fast kernels for where convolutions have none.
/// </summary>
/// <param name="deviation">Of the Gaussian, in pixels.</param>
/// <param name="radius">The window has 2 radius + 1 pixels a side.</param>
internal sealed class GaussianFilter(double deviation, int radius)
{
    /// <summary>The pixels of the window's side.</summary>
    public int Side => 2 * radius + 1;

    /// <param name="images">(N, C, H, W), float64, H and W at least the window's side.</param>
    /// <returns>(N, C, H - 2 radius, W - 2 radius), in the caller's dispose scope.</returns>
    public Tensor Apply(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Band(images.shape[2], images.device).matmul(images).matmul(Band(images.shape[3], images.device).t()).MoveToOuterDisposeScope();
    }

    /// <summary>The pixels that are the middle of a window.</summary>
    /// <param name="images">(N, C, H, W).</param>
    /// <returns>(N, C, H - 2 radius, W - 2 radius), a view.</returns>
    public Tensor Inner(Tensor images)
    {
        using Tensor rows = images.narrow(2, radius, images.shape[2] - 2 * radius);
        return rows.narrow(3, radius, images.shape[3] - 2 * radius);
    }

    // (side - 2 radius, side): row i weighs the pixels i to i + 2 radius.
    private Tensor Band(long side, Device device)
    {
        double[] weights = [.. Enumerable.Range(-radius, Side).Select(offset => Math.Exp(-offset * offset / (2 * deviation * deviation)))];
        double sum = weights.Sum();
        var band = new double[(side - 2 * radius) * side];
        for (long row = 0; row < side - 2 * radius; row++)
        {
            for (int offset = 0; offset < Side; offset++)
                band[row * side + row + offset] = weights[offset] / sum;
        }

        return tensor(band, [side - 2 * radius, side], dtype: ScalarType.Float64, device: device);
    }
}
