using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Shared;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Evaluation.Features;

/// <summary>
/// The convolutions of VGG-16 from torchvision's file: the last rectified features (relu5_3), averaged over space. Images are
/// taken at their own size.
/// </summary>
public sealed class Vgg16 : IFeatureNetwork, IDisposable
{
    /// <summary>D, the features of an image.</summary>
    public const int FeatureCount = 512;

    /// <summary>The least side of an image in pixels: it is halved four times.</summary>
    public const int SmallestSide = 16;

    // torchvision's indices of the convolutions, and the channels they lead to, stage by stage.
    private static readonly (int[] Indices, int Channels)[] Stages = [([0, 2], 64), ([5, 7], 128), ([10, 12, 14], 256), ([17, 19, 21], 512), ([24, 26, 28], 512)];

    // What torchvision's weights expect of an image from 0 to 1.
    private static readonly float[] Means = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviations = [0.229f, 0.224f, 0.225f];

    private readonly Device _device;
    private readonly Dictionary<string, Tensor> _tensors;

    private Vgg16(Dictionary<string, Tensor> tensors, Device device) => (_tensors, _device) = (tensors, device);

    /// <inheritdoc/>
    public string Name => "VGG-16";

    /// <summary>Loads torchvision's state dict; its classifier is ignored.</summary>
    /// <param name="path">A <c>.pth</c> or <c>.safetensors</c> file with <c>features.{n}.weight</c>.</param>
    /// <param name="device">Where the network goes; the CPU if null.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    public static Vgg16 Load(string path, Device? device = null)
    {
        return new Vgg16(FrozenNetwork.Read(path, [.. Tensors()], "Give torchvision's VGG-16 state dict", device ?? CPU), device ?? CPU);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The shape is not (N, 3, H, W), or images are too small.</exception>
    public ImageFeatures Extract(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4 || images.shape[1] != 3 || images.shape[2] < SmallestSide || images.shape[3] < SmallestSide)
            throw new ArgumentException($"Images must be (N, 3, H, W) of at least {SmallestSide}x{SmallestSide} pixels for VGG-16; they are ({string.Join(", ", images.shape)}).", nameof(images));
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor shift = tensor(Means, [3, 1, 1], device: _device).mul_(2).sub_(1);
        Tensor scale = tensor(Deviations, [3, 1, 1], device: _device).mul_(2);
        Tensor hidden = (images.to(_device) - shift).div_(scale); // (N, 3, H, W)
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            using DisposeScope inStage = NewDisposeScope();
            if (stage > 0)
                hidden = F.max_pool2d(hidden, 2L, stride: 2L);
            foreach (int index in Stages[stage].Indices)
                hidden = F.relu(F.conv2d(hidden, _tensors[$"features.{index}.weight"], _tensors[$"features.{index}.bias"], padding: [1, 1]), inplace: true);
            hidden = hidden.MoveToOuterDisposeScope(); // (N, C, h, w)
        }

        return new ImageFeatures(hidden.mean([2, 3]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        long from = 3;
        foreach ((int[] indices, int to) in Stages)
        {
            foreach (int index in indices)
            {
                yield return ($"features.{index}.weight", [to, from, 3, 3]);
                yield return ($"features.{index}.bias", [to]);
                from = to;
            }
        }
    }
}
