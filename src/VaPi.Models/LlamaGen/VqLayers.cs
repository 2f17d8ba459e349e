using TorchSharp;
using VaPi.Models.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.LlamaGen;

/// <summary>The layers that LlamaGen's encoder and decoder share. Each pair of methods declares a layer's tensors and runs it.</summary>
internal sealed class VqLayers(ModelWeights weights)
{
    private const int NormGroups = 32;
    private const double NormEpsilon = 1e-6;

    private static readonly string[] AttentionParts = ["q", "k", "v", "proj_out"];

    public static IEnumerable<ParameterShape> ConvolutionShapes(string name, long from, long to, int kernel)
    {
        // PyTorch's default start of a convolution: uniform within 1 / sqrt(fan in), weight and bias alike.
        double bound = 1 / Math.Sqrt(from * kernel * kernel);
        yield return new($"{name}.weight", [to, from, kernel, kernel], InitialValue.Uniform, bound);
        yield return new($"{name}.bias", [to], InitialValue.Uniform, bound);
    }

    public static IEnumerable<ParameterShape> NormShapes(string name, long channels)
    {
        yield return new($"{name}.weight", [channels], InitialValue.Ones);
        yield return new($"{name}.bias", [channels], InitialValue.Zeros);
    }

    public static IEnumerable<ParameterShape> ResidualShapes(string name, long from, long to) =>
    [
        .. NormShapes($"{name}.norm1", from),
        .. ConvolutionShapes($"{name}.conv1", from, to, 3),
        .. NormShapes($"{name}.norm2", to),
        .. ConvolutionShapes($"{name}.conv2", to, to, 3),
        .. from == to ? [] : ConvolutionShapes($"{name}.nin_shortcut", from, to, 1),
    ];

    public static IEnumerable<ParameterShape> AttentionShapes(string name, long channels) =>
    [
        .. NormShapes($"{name}.norm", channels),
        .. AttentionParts.SelectMany(part => ConvolutionShapes($"{name}.{part}", channels, channels, 1)),
    ];

    /// <summary>Residual block, attention, residual block: the middle of both networks.</summary>
    public static IEnumerable<ParameterShape> MiddleShapes(string name, long channels) =>
    [
        .. ResidualShapes($"{name}.0", channels, channels),
        .. AttentionShapes($"{name}.1", channels),
        .. ResidualShapes($"{name}.2", channels, channels),
    ];

    /// <param name="images">(B, from, H, W).</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="stride">1, or 2 to halve.</param>
    /// <param name="padding">Pixels of zeros on every side.</param>
    /// <returns>(B, to, H', W').</returns>
    public Tensor Convolution(Tensor images, string name, int stride = 1, int padding = 1) =>
        F.conv2d(images, weights[$"{name}.weight"], weights[$"{name}.bias"], strides: [stride, stride], padding: [padding, padding]);

    public Tensor Norm(Tensor images, string name) =>
        F.group_norm(images, NormGroups, weights[$"{name}.weight"], weights[$"{name}.bias"], NormEpsilon);

    public Tensor NormSwish(Tensor images, string name) => F.silu(Norm(images, name), inplace: true);

    public Tensor Residual(Tensor images, string name)
    {
        // Without gradients, an intermediate value exists no longer than it is used: at full resolution they are what takes
        // memory, and what the system takes back and gives anew costs half as much time as a convolution.
        using DisposeScope scope = NewDisposeScope();
        Tensor first, second;
        using (Tensor normed = NormSwish(images, $"{name}.norm1"))
            first = Convolution(normed, $"{name}.conv1");
        using (first)
        using (Tensor normed = NormSwish(first, $"{name}.norm2"))
            second = Convolution(normed, $"{name}.conv2");
        Tensor shortcut = images.shape[1] == second.shape[1] ? images : Convolution(images, $"{name}.nin_shortcut", padding: 0);
        return second.add_(shortcut).MoveToOuterDisposeScope();
    }

    /// <summary>Single-head attention over all pixels, scaled by 1 / sqrt(channels).</summary>
    public Tensor Attention(Tensor images, string name)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = images.shape;
        Tensor normed = Norm(images, $"{name}.norm");
        Tensor Pixels(string part) => Convolution(normed, $"{name}.{part}", padding: 0).flatten(2).transpose(1, 2); // (B, H*W, C)
        Tensor mixed = F.scaled_dot_product_attention(Pixels("q"), Pixels("k"), Pixels("v")); // (B, H*W, C)
        return (images + Convolution(mixed.transpose(1, 2).reshape(shape), $"{name}.proj_out", padding: 0)).MoveToOuterDisposeScope();
    }

    public Tensor Middle(Tensor images, string name)
    {
        Tensor hidden = Residual(images, $"{name}.0");
        hidden = Attention(hidden, $"{name}.1");
        return Residual(hidden, $"{name}.2");
    }
}
