using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Shared;

/// <summary>
/// How feature maps lie in memory while a network convolves them. On the CPU, large maps are convolved faster with each pixel's
/// channels side by side (N, H, W, C), and small ones with each channel's pixels side by side (N, C, H, W); see
/// docs/performance.md. Shapes stay (N, C, H, W) either way.
/// </summary>
internal static class ConvolutionLayout
{
    private const long LeastPixelsForChannelsLast = 32 * 32;

    /// <summary>The map in the layout that suits its size; itself where it has that already.</summary>
    /// <param name="map">(N, C, H, W).</param>
    /// <returns>(N, C, H, W), in the caller's dispose scope.</returns>
    public static Tensor Suiting(Tensor map)
    {
        if (map.device.type != DeviceType.CPU)
            return map;
        return IsLarge(map.shape[2], map.shape[3]) ? map.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : map.contiguous();
    }

    /// <summary>Every pixel twice in both directions (nearest neighbour), in the layout that suits the larger map.</summary>
    /// <param name="map">(N, C, H, W).</param>
    /// <returns>(N, C, 2 H, 2 W), in the caller's dispose scope.</returns>
    public static Tensor Doubled(Tensor map)
    {
        (long count, long channels, long height, long width) = (map.shape[0], map.shape[1], map.shape[2], map.shape[3]);
        if (map.device.type != DeviceType.CPU || !IsLarge(2 * height, 2 * width))
            return map.view(count, channels, height, 1, width, 1).expand(-1, -1, -1, 2, -1, 2).reshape(count, channels, 2 * height, 2 * width);
        Tensor pixels = map.permute(0, 2, 3, 1).unflatten(1, height, 1).unflatten(3, width, 1); // (N, H, 1, W, 1, C)
        return pixels.expand(-1, -1, 2, -1, 2, -1).reshape(count, 2 * height, 2 * width, channels).permute(0, 3, 1, 2);
    }

    private static bool IsLarge(long height, long width) => height * width >= LeastPixelsForChannelsLast;
}
