using TorchSharp;
using VaPi.Rewards;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Benchmarks;

/// <summary>A small VGG-like network with random weights.</summary>
internal sealed class ConvolutionalFeatures : IFeatureExtractor, IDisposable
{
    private static readonly int[] Channels = [3, 32, 64, 128];

    private readonly Tensor[] _kernels = [.. Channels.Zip(Channels.Skip(1), (from, to) => randn(to, from, 3, 3).mul_(Math.Sqrt(2.0 / (9 * from))))];

    public IReadOnlyList<Tensor> Extract(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        var layers = new List<Tensor>();
        Tensor hidden = images;
        foreach (Tensor kernel in _kernels)
        {
            hidden = F.relu(F.conv2d(layers.Count == 0 ? hidden : F.max_pool2d(hidden, 2L, stride: 2L), kernel, padding: [1, 1]));
            layers.Add(hidden.MoveToOuterDisposeScope());
        }

        return layers;
    }

    public void Dispose()
    {
        foreach (Tensor kernel in _kernels)
            kernel.Dispose();
    }
}
