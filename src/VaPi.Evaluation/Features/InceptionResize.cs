using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Evaluation.Features;

/// <summary>The two ways in which images come to the size of an Inception-v3.</summary>
internal static class InceptionResize
{
    /// <summary>The network's input, in pixels a side.</summary>
    public const int Side = 299;

    /// <param name="images">(N, 3, H, W), float32, in [-1, 1].</param>
    /// <param name="input">How.</param>
    /// <returns>(N, 3, 299, 299), in the caller's dispose scope.</returns>
    public static Tensor Apply(Tensor images, InceptionInput input)
    {
        using DisposeScope scope = NewDisposeScope();
        if (input == InceptionInput.HalfPixel)
        {
            return images.shape[2] == Side && images.shape[3] == Side
                ? images.alias().MoveToOuterDisposeScope()
                : F.interpolate(images, size: [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false).MoveToOuterDisposeScope();
        }

        Tensor bytes = (images * 127.5).add_(128).clamp_(0, 255).floor_();
        return AlongSide(AlongSide(bytes, 2), 3).sub_(128).div_(128).MoveToOuterDisposeScope();
    }

    // Output pixel i lies at i * side / 299, between two pixels or at the last.
    private static Tensor AlongSide(Tensor images, int dimension)
    {
        long side = images.shape[dimension];
        double[] places = [.. Enumerable.Range(0, Side).Select(pixel => (double)pixel * side / Side)];
        long[] lower = [.. places.Select(place => (long)place)];
        long[] upper = [.. lower.Select(pixel => Math.Min(pixel + 1, side - 1))];
        long[] shape = dimension == 2 ? [Side, 1] : [Side];
        Tensor weights = tensor(places.Zip(lower, (place, pixel) => (float)(place - pixel)).ToArray(), shape, device: images.device);
        Tensor first = images.index_select(dimension, tensor(lower, device: images.device));
        Tensor second = images.index_select(dimension, tensor(upper, device: images.device));
        return first + (second - first) * weights;
    }
}
