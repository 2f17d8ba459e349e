using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Shared;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Evaluation.Features;

/// <summary>
/// Inception-v3 from a state dict: torchvision's (1000 classes) or the FID variant's (1008 outputs, as in pytorch-fid's file),
/// told apart by the last layer. Gives the 2048 pooled features, spatial features (the first 7 channels of the first branch of
/// <c>Mixed_6d</c>, 17x17, channels last: 2023 values), and class probabilities.
/// </summary>
/// <remarks>
/// The FID variant leaves padding out of its average pools, takes a maximum in the last block where others average, and its
/// probabilities are taken without the last layer's bias, as the published evaluations take them.
/// </remarks>
public sealed class InceptionV3 : IFeatureNetwork, IDisposable
{
    private const int FidOutputs = 1008;
    private const int TorchvisionClasses = 1000;
    private const int SpatialChannels = 7;
    private const double NormEpsilon = 0.001;
    private const string Last = "fc";
    private const string Remedy = "Give torchvision's Inception-v3 state dict or that of its FID variant";

    private readonly Dictionary<string, (InceptionConvolution Shape, Tensor Weight, Tensor Bias)> _convolutions = [];
    private readonly Device _device;
    private readonly InceptionInput _input;
    private readonly Tensor? _lastBias;
    private readonly Tensor _lastWeight;

    private InceptionV3(Dictionary<string, Tensor> tensors, Device device, InceptionInput? input)
    {
        _lastWeight = tensors[$"{Last}.weight"].alias().DetachFromDisposeScope();
        IsFidVariant = _lastWeight.shape[0] == FidOutputs;
        _lastBias = IsFidVariant ? null : tensors[$"{Last}.bias"].alias().DetachFromDisposeScope();
        _device = device;
        _input = input ?? (IsFidVariant ? InceptionInput.Bytes : InceptionInput.HalfPixel);
        foreach (InceptionConvolution convolution in InceptionLayout.Convolutions)
        {
            (Tensor weight, Tensor bias) = Folded(convolution.Name, tensors);
            _convolutions.Add(convolution.Name, (convolution, weight, bias));
        }
    }

    /// <inheritdoc/>
    public string Name => IsFidVariant ? "Inception-v3 (FID variant)" : "Inception-v3 (torchvision)";

    /// <summary>Whether the file was that of the FID variant.</summary>
    public bool IsFidVariant { get; }

    /// <summary>Loads a state dict.</summary>
    /// <param name="path">A <c>.pth</c> or <c>.safetensors</c> file with torchvision's names; an auxiliary classifier is ignored.</param>
    /// <param name="input">How images come to 299x299 pixels; if null, as bytes for the FID variant and with half-pixel centres for torchvision's.</param>
    /// <param name="device">Where the network goes; the CPU if null.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    public static InceptionV3 Load(string path, InceptionInput? input = null, Device? device = null)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using CheckpointReader file = CheckpointReader.Open(path);
        bool fid = file.Entries.Any(entry => entry.Name == $"{Last}.weight" && entry.Shape is [FidOutputs, ..]);
        Dictionary<string, Tensor> tensors = FrozenNetwork.Read(file, [.. Tensors(fid ? FidOutputs : TorchvisionClasses)], Remedy, device ?? CPU);
        try
        {
            return new InceptionV3(tensors, device ?? CPU, input);
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The shape is not (N, 3, H, W).</exception>
    public ImageFeatures Extract(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4 || images.shape[1] != 3)
            throw new ArgumentException($"Images must be (N, 3, H, W); they are ({string.Join(", ", images.shape)}).", nameof(images));
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Stem(InceptionResize.Apply(images.to(_device), _input)); // (N, 192, 35, 35)
        foreach (string block in InceptionLayout.BlocksA)
            hidden = BlockA(block, hidden); // (N, 288, 35, 35) in the end
        hidden = Halved(hidden, ["Mixed_6a.branch3x3"], ["Mixed_6a.branch3x3dbl_1", "Mixed_6a.branch3x3dbl_2", "Mixed_6a.branch3x3dbl_3"]); // (N, 768, 17, 17)
        Tensor? spatial = null;
        foreach (string block in InceptionLayout.BlocksC)
        {
            if (block == "Mixed_6d")
                spatial = Run(hidden, $"{block}.branch1x1").narrow(1, 0, SpatialChannels).permute(0, 2, 3, 1).flatten(1); // (N, 2023)
            hidden = BlockC(block, hidden);
        }

        hidden = Halved(
            hidden, ["Mixed_7a.branch3x3_1", "Mixed_7a.branch3x3_2"], ["Mixed_7a.branch7x7x3_1", "Mixed_7a.branch7x7x3_2", "Mixed_7a.branch7x7x3_3", "Mixed_7a.branch7x7x3_4"]); // (N, 1280, 8, 8)
        foreach (string block in InceptionLayout.BlocksE)
            hidden = BlockE(block, hidden); // (N, 2048, 8, 8)
        Tensor pooled = hidden.mean([2, 3]); // (N, 2048)
        Tensor logits = pooled.matmul(_lastWeight.t());
        return new ImageFeatures(pooled, spatial, (_lastBias is null ? logits : logits + _lastBias).softmax(1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lastWeight.Dispose();
        _lastBias?.Dispose();
        foreach ((_, Tensor weight, Tensor bias) in _convolutions.Values)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors(int outputs)
    {
        foreach (InceptionConvolution convolution in InceptionLayout.Convolutions)
        {
            yield return ($"{convolution.Name}.conv.weight", [convolution.To, convolution.From, convolution.Height, convolution.Width]);
            foreach (string part in new[] { "weight", "bias", "running_mean", "running_var" })
                yield return ($"{convolution.Name}.bn.{part}", [convolution.To]);
        }

        yield return ($"{Last}.weight", [outputs, InceptionLayout.FeatureCount]);
        yield return ($"{Last}.bias", [outputs]);
    }

    // A batch norm with fixed statistics is a factor and a shift of each channel, which the convolution can take.
    private static (Tensor Weight, Tensor Bias) Folded(string name, Dictionary<string, Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor Wide(string part) => tensors[$"{name}.{part}"].to(ScalarType.Float64);
        Tensor factor = Wide("bn.weight") / (Wide("bn.running_var") + NormEpsilon).sqrt(); // (C)
        Tensor weight = (Wide("conv.weight") * factor.view(-1, 1, 1, 1)).to(ScalarType.Float32);
        Tensor bias = (Wide("bn.bias") - Wide("bn.running_mean") * factor).to(ScalarType.Float32);
        return (weight.DetachFromDisposeScope(), bias.DetachFromDisposeScope());
    }

    private Tensor Stem(Tensor images)
    {
        Tensor hidden = F.max_pool2d(Run(images, "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"), 3L, stride: 2L); // (N, 64, 73, 73)
        return F.max_pool2d(Run(hidden, "Conv2d_3b_1x1", "Conv2d_4a_3x3"), 3L, stride: 2L);
    }

    private Tensor BlockA(string block, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return cat(
            [
                Run(hidden, $"{block}.branch1x1"),
                Run(hidden, $"{block}.branch5x5_1", $"{block}.branch5x5_2"),
                Run(hidden, $"{block}.branch3x3dbl_1", $"{block}.branch3x3dbl_2", $"{block}.branch3x3dbl_3"),
                Run(Averaged(hidden), $"{block}.branch_pool"),
            ],
            1).MoveToOuterDisposeScope();
    }

    private Tensor BlockC(string block, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return cat(
            [
                Run(hidden, $"{block}.branch1x1"),
                Run(hidden, $"{block}.branch7x7_1", $"{block}.branch7x7_2", $"{block}.branch7x7_3"),
                Run(hidden, $"{block}.branch7x7dbl_1", $"{block}.branch7x7dbl_2", $"{block}.branch7x7dbl_3", $"{block}.branch7x7dbl_4", $"{block}.branch7x7dbl_5"),
                Run(Averaged(hidden), $"{block}.branch_pool"),
            ],
            1).MoveToOuterDisposeScope();
    }

    private Tensor BlockE(string block, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor small = Run(hidden, $"{block}.branch3x3_1");
        Tensor large = Run(hidden, $"{block}.branch3x3dbl_1", $"{block}.branch3x3dbl_2");
        bool maximum = IsFidVariant && block == InceptionLayout.BlocksE[^1];
        return cat(
            [
                Run(hidden, $"{block}.branch1x1"),
                Run(small, $"{block}.branch3x3_2a"), Run(small, $"{block}.branch3x3_2b"),
                Run(large, $"{block}.branch3x3dbl_3a"), Run(large, $"{block}.branch3x3dbl_3b"),
                Run(maximum ? F.max_pool2d(hidden, 3L, stride: 1L, padding: 1L) : Averaged(hidden), $"{block}.branch_pool"),
            ],
            1).MoveToOuterDisposeScope();
    }

    // The blocks that halve the size end in a maximum of their input.
    private Tensor Halved(Tensor hidden, params IEnumerable<string[]> branches)
    {
        using DisposeScope scope = NewDisposeScope();
        return cat([.. branches.Select(branch => Run(hidden, branch)), F.max_pool2d(hidden, 3L, stride: 2L)], 1).MoveToOuterDisposeScope();
    }

    private Tensor Averaged(Tensor hidden) => F.avg_pool2d(hidden, 3L, stride: 1L, padding: 1L, count_include_pad: !IsFidVariant);

    private Tensor Run(Tensor hidden, params IEnumerable<string> names)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (string name in names)
        {
            (InceptionConvolution shape, Tensor weight, Tensor bias) = _convolutions[name];
            long[] padding = shape.Padded ? [(shape.Height - 1) / 2, (shape.Width - 1) / 2] : [0, 0];
            hidden = F.relu(F.conv2d(hidden, weight, bias, strides: [shape.Stride, shape.Stride], padding: padding), inplace: true);
        }

        return hidden.MoveToOuterDisposeScope();
    }
}
