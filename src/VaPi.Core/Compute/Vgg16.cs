using TorchSharp;
using VaPi.Shared;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Compute;

/// <summary>The convolutions of VGG-16, as far as LPIPS uses them.</summary>
internal static class Vgg16
{
    /// <summary>torchvision's indices of the convolutions, stage by stage; a stage ends where LPIPS takes its features.</summary>
    public static readonly IReadOnlyList<int[]> Stages = [[0, 2], [5, 7], [10, 12, 14], [17, 19, 21], [24, 26, 28]];

    /// <summary>The channels of each stage's features.</summary>
    public static readonly IReadOnlyList<int> Channels = [64, 128, 256, 512, 512];

    private static readonly float[] Shift = [-.030f, -.088f, -.188f];
    private static readonly float[] Scale = [.458f, .448f, .450f];

    /// <summary>Features after the last rectifier of each stage.</summary>
    /// <param name="images">(N, 3, H, W) in [-1, 1].</param>
    /// <param name="convolutions">Weight and bias by torchvision's index.</param>
    /// <returns>Five layers, (N, C, h, w) each.</returns>
    public static IReadOnlyList<Tensor> Features(Tensor images, IReadOnlyDictionary<int, (Tensor Weight, Tensor Bias)> convolutions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = (images - OfChannels(Shift, images.device)).div_(OfChannels(Scale, images.device));
        var features = new List<Tensor>();
        foreach (int[] stage in Stages)
        {
            if (features.Count > 0)
                hidden = F.max_pool2d(hidden, 2L, stride: 2L);
            hidden = ConvolutionLayout.Suiting(hidden);
            foreach (int index in stage)
            {
                (Tensor weight, Tensor bias) = convolutions[index];
                hidden = F.relu(F.conv2d(hidden, weight, bias, padding: [1, 1]), inplace: true);
            }

            features.Add(hidden.MoveToOuterDisposeScope());
        }

        return features;
    }

    // (1, 3, 1, 1), made on the device: a copy from the host would wait for it.
    private static Tensor OfChannels(float[] values, Device device) => cat([.. values.Select(value => full([1, 1, 1, 1], value, ScalarType.Float32, device))], 1);
}
