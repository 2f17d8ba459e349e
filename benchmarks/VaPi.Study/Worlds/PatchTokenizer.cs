using TorchSharp;
using TorchSharp.Modules;
using VaPi.Checkpoints;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.Worlds;

/// <summary>
/// A small VQ tokenizer of 64x64 pixels to 8x8 tokens out of 256, which convolves patches of 4x4 pixels: it decodes an image
/// in a fifth of the operations of LlamaGen's smallest, so that a study of many runs fits into hours.
/// </summary>
internal sealed class PatchTokenizer : IDifferentiableTokenizer, IDisposable
{
    public const int Side = 64;
    public const string CodebookName = "codebook";

    /// <summary>C.</summary>
    public const int RowWidth = 8;

    private const int Rows = 256;
    private const int Patch = 4;
    private const int PatchValues = 3 * Patch * Patch;
    private const int Fine = 64;
    private const int Coarse = 96;
    private const int NormGroups = 16;

    private readonly SortedDictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);
    private Tensor? _codebook;

    private PatchTokenizer()
    {
    }

    public int CodebookSize => Rows;

    public TokenLayout Layout { get; } = TokenLayout.Grid(8, 8);

    public ImageSize ImageSize => Side;

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters => _parameters.Select(pair => (pair.Key, pair.Value));

    public Tensor Codebook => _codebook ??= NormalisedCodebook();

    /// <summary>With random weights, which take gradients.</summary>
    public static PatchTokenizer Create(long seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var tokenizer = new PatchTokenizer();
        foreach ((string name, long[] shape) in Shapes())
        {
            double deviation = shape.Length == 1 ? 0 : 1 / Math.Sqrt(shape[1..].Aggregate(1L, (product, size) => product * size));
            Tensor start = name.EndsWith("norm.weight", StringComparison.Ordinal) ? ones(shape) : randn(shape, generator: generator) * deviation;
            tokenizer.Add(name, start, trainable: true);
        }

        return tokenizer;
    }

    /// <summary>Loads frozen weights.</summary>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It holds another network.</exception>
    public static PatchTokenizer Load(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> stored = Checkpoint.Load(path);
        if (Shapes().Any(wanted => !stored.TryGetValue(wanted.Name, out Tensor? value) || !value.shape.SequenceEqual(wanted.Shape)))
            throw new InvalidDataException($"'{path}' is not the study's tokenizer of patches. Remove it, and the study trains one.");
        var tokenizer = new PatchTokenizer();
        foreach ((string name, _) in Shapes())
            tokenizer.Add(name, stored[name].to(ScalarType.Float32), trainable: false);
        return tokenizer;
    }

    public void Save(string path) => Checkpoint.Save(path, _parameters.Select(pair => KeyValuePair.Create(pair.Key, (Tensor)pair.Value)));

    /// <summary>Makes the tokenizer see changed weights.</summary>
    public void Refresh()
    {
        _codebook?.Dispose();
        _codebook = null;
    }

    public Tensor Encode(Tensor images)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = F.normalize(EncodeContinuous(images), p: 2, dim: -1); // (B, T, C)
        return vectors.matmul(Codebook.t()).argmax(-1).MoveToOuterDisposeScope();
    }

    public Tensor Decode(Tensor tokens)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = Codebook.index_select(0, tokens.reshape(-1)).view(tokens.shape[0], Layout.TokenCount, RowWidth);
        return DecodeVectors(vectors).MoveToOuterDisposeScope();
    }

    public Tensor EncodeContinuous(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Convolution(F.pixel_unshuffle(images, Patch), "encoder.in"); // (B, 64, 16, 16)
        hidden = Residual(hidden, "encoder.fine");
        hidden = Convolution(hidden, "encoder.down", stride: 2); // (B, 96, 8, 8)
        hidden = Residual(Residual(hidden, "encoder.coarse.0"), "encoder.coarse.1");
        Tensor cells = Convolution(NormSwish(hidden, "encoder.out"), "encoder.out", padding: 0); // (B, C, 8, 8)
        return cells.flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }

    public Tensor DecodeVectors(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cells = vectors.transpose(1, 2).reshape(vectors.shape[0], RowWidth, 8, 8);
        Tensor hidden = Convolution(cells, "decoder.in"); // (N, 96, 8, 8)
        hidden = Residual(Residual(hidden, "decoder.coarse.0"), "decoder.coarse.1");
        hidden = Convolution(F.interpolate(hidden, scale_factor: [2, 2], mode: InterpolationMode.Nearest), "decoder.up"); // (N, 64, 16, 16)
        hidden = Residual(hidden, "decoder.fine");
        Tensor patches = Convolution(NormSwish(hidden, "decoder.out"), "decoder.out"); // (N, 48, 16, 16)
        return F.pixel_shuffle(patches, Patch).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Refresh();
        foreach (Parameter parameter in _parameters.Values)
            parameter.Dispose();
    }

    private static IEnumerable<(string Name, long[] Shape)> Shapes() =>
    [
        (CodebookName, [Rows, RowWidth]),
        .. ConvolutionShapes("encoder.in", PatchValues, Fine, 3),
        .. ResidualShapes("encoder.fine", Fine),
        .. ConvolutionShapes("encoder.down", Fine, Coarse, 3),
        .. ResidualShapes("encoder.coarse.0", Coarse),
        .. ResidualShapes("encoder.coarse.1", Coarse),
        .. NormShapes("encoder.out", Coarse),
        .. ConvolutionShapes("encoder.out", Coarse, RowWidth, 1),
        .. ConvolutionShapes("decoder.in", RowWidth, Coarse, 3),
        .. ResidualShapes("decoder.coarse.0", Coarse),
        .. ResidualShapes("decoder.coarse.1", Coarse),
        .. ConvolutionShapes("decoder.up", Coarse, Fine, 3),
        .. ResidualShapes("decoder.fine", Fine),
        .. NormShapes("decoder.out", Fine),
        .. ConvolutionShapes("decoder.out", Fine, PatchValues, 3),
    ];

    private static IEnumerable<(string Name, long[] Shape)> ConvolutionShapes(string name, long from, long to, long kernel) =>
        [($"{name}.weight", [to, from, kernel, kernel]), ($"{name}.bias", [to])];

    private static IEnumerable<(string Name, long[] Shape)> NormShapes(string name, long channels) =>
        [($"{name}.norm.weight", [channels]), ($"{name}.norm.bias", [channels])];

    private static IEnumerable<(string Name, long[] Shape)> ResidualShapes(string name, long channels) =>
        [.. NormShapes(name, channels), .. ConvolutionShapes($"{name}.first", channels, channels, 3), .. ConvolutionShapes($"{name}.second", channels, channels, 3)];

    private Tensor Convolution(Tensor hidden, string name, int stride = 1, int padding = 1) =>
        F.conv2d(hidden, _parameters[$"{name}.weight"], _parameters[$"{name}.bias"], strides: [stride, stride], padding: [padding, padding]);

    private Tensor NormSwish(Tensor hidden, string name) =>
        F.silu(F.group_norm(hidden, NormGroups, _parameters[$"{name}.norm.weight"], _parameters[$"{name}.norm.bias"], 1e-6));

    private Tensor Residual(Tensor hidden, string name)
    {
        Tensor first = F.silu(Convolution(NormSwish(hidden, name), $"{name}.first"));
        return hidden + Convolution(first, $"{name}.second");
    }

    private Tensor NormalisedCodebook()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return F.normalize(_parameters[CodebookName], p: 2, dim: -1).DetachFromDisposeScope();
    }

    private void Add(string name, Tensor value, bool trainable)
    {
        var parameter = new Parameter(value, trainable);
        parameter.DetachFromDisposeScope();
        _parameters.Add(name, parameter);
    }
}
