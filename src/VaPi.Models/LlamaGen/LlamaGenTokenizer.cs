using TorchSharp;
using TorchSharp.Modules;
using VaPi.Checkpoints;
using VaPi.Models.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.LlamaGen;

/// <summary>
/// LlamaGen's VQ tokenizer: a convolutional encoder and decoder around a codebook of L2-normalised vectors. Names and
/// arithmetic follow the published PyTorch code.
/// </summary>
public sealed class LlamaGenTokenizer : IDifferentiableTokenizer, IDisposable
{
    private const string CodebookName = "quantize.embedding.weight";
    private const double NormaliseEpsilon = 1e-12;

    private readonly VqDecoder _decoder;
    private readonly VqEncoder _encoder;
    private readonly ModelWeights _weights;
    private Tensor? _codebook;
    private string? _fingerprint;

    private LlamaGenTokenizer(LlamaGenTokenizerConfiguration configuration, ModelWeights weights)
    {
        Configuration = configuration;
        _weights = weights;
        _encoder = new VqEncoder(configuration, weights);
        _decoder = new VqDecoder(configuration, weights);
        Layout = TokenLayout.Grid(configuration.ImageSize.Height / configuration.Downsampling, configuration.ImageSize.Width / configuration.Downsampling);
    }

    /// <summary>The tokenizer's shape.</summary>
    public LlamaGenTokenizerConfiguration Configuration { get; }

    /// <inheritdoc/>
    public int CodebookSize => Configuration.CodebookSize;

    /// <inheritdoc/>
    public TokenLayout Layout { get; }

    /// <inheritdoc/>
    public Device Device => _weights[CodebookName].device;

    /// <inheritdoc/>
    public ImageSize ImageSize => Configuration.ImageSize;

    /// <summary>
    /// A SHA-256 hash of the configuration and the weights, computed when it is first asked for. After changing weights call
    /// <see cref="Refresh"/>.
    /// </summary>
    public string Fingerprint => _fingerprint ??= _weights.Hash(Configuration.Describe());

    /// <inheritdoc/>
    public Tensor Codebook => _codebook ??= NormalisedCodebook();

    /// <summary>A tokenizer with random weights.</summary>
    /// <param name="configuration">The shape.</param>
    /// <param name="seed">Decides the weights.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    public static LlamaGenTokenizer Create(LlamaGenTokenizerConfiguration configuration, long seed = 0, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        return new LlamaGenTokenizer(configuration, ModelWeights.Random(Shapes(configuration), seed, trainable: false, device ?? CPU));
    }

    /// <summary>Loads a checkpoint, whose tensors tell its shape: VQ-16, VQ-8 or one's own.</summary>
    /// <param name="path">A <c>.pt</c> or <c>.safetensors</c> file, or the index file of sharded safetensors.</param>
    /// <param name="imageSize">The size of the images, such as 256, 384 or 512.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <exception cref="CheckpointException">The file cannot be read or does not hold such a tokenizer.</exception>
    /// <exception cref="ArgumentException">The image size does not suit the tokenizer.</exception>
    public static LlamaGenTokenizer Load(string path, ImageSize imageSize, Device? device = null)
    {
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        LlamaGenTokenizerConfiguration configuration = LlamaGenRecognition.Tokenizer(checkpoint, path, imageSize);
        configuration.Validate();
        return new LlamaGenTokenizer(configuration, ModelWeights.Load(Shapes(configuration), checkpoint, path, trainable: false, device ?? CPU));
    }

    /// <summary>Loads a checkpoint.</summary>
    /// <param name="path">A <c>.pt</c> or <c>.safetensors</c> file, bare or under <c>model</c>.</param>
    /// <param name="configuration">The shape that the file has.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <exception cref="CheckpointException">The file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    public static LlamaGenTokenizer Load(string path, LlamaGenTokenizerConfiguration configuration, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        return new LlamaGenTokenizer(configuration, ModelWeights.Load(Shapes(configuration), checkpoint, path, trainable: false, device ?? CPU));
    }

    /// <summary>Saves the weights under their published names.</summary>
    /// <param name="path">
    /// A <c>.safetensors</c> file, or a <c>.pt</c> or <c>.pth</c> file in PyTorch's own format, with the weights under
    /// <c>model</c> as the published scripts read them. Replaced as a whole.
    /// </param>
    /// <param name="type">The type to store; the weights' own if null.</param>
    /// <exception cref="CheckpointException">The file cannot be written, or has another extension.</exception>
    public void Save(string path, ScalarType? type = null) => _weights.Save(path, type);

    /// <summary>
    /// The tokenizer's own parameters, for programs that train a tokenizer. They take no gradients until asked to; after
    /// changing them call <see cref="Refresh"/>.
    /// </summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => _weights.Named;

    /// <summary>Makes the tokenizer see changed weights.</summary>
    public void Refresh()
    {
        _fingerprint = null;
        _codebook?.Dispose();
        _codebook = null;
    }

    /// <inheritdoc/>
    public Tensor Encode(Tensor images)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = F.normalize(EncodeContinuous(images), p: 2, dim: -1, eps: NormaliseEpsilon); // (B, T, C)

        // Both sides have length one, so the nearest row is the one with the largest product.
        return vectors.matmul(Codebook.t()).argmax(-1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Decode(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.dim() != 2 || tokens.shape[1] != Layout.TokenCount)
            throw new ArgumentException($"Tokens must be (N, {Layout.TokenCount}); they are ({string.Join(", ", tokens.shape)}).", nameof(tokens));
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = TokenRows.Of(Codebook, tokens, nameof(tokens)); // (N, T, C)
        return DecodeVectors(vectors).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor EncodeContinuous(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4 || images.shape[1] != 3 || images.shape[2] != ImageSize.Height || images.shape[3] != ImageSize.Width)
            throw new ArgumentException($"Images must be (B, 3, {ImageSize.Height}, {ImageSize.Width}); they are ({string.Join(", ", images.shape)}).", nameof(images));
        using DisposeScope scope = NewDisposeScope();
        return _encoder.Forward(images).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor DecodeVectors(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.dim() != 3 || vectors.shape[1] != Layout.TokenCount || vectors.shape[2] != Configuration.CodebookWidth)
        {
            throw new ArgumentException(
                $"Vectors must be (N, {Layout.TokenCount}, {Configuration.CodebookWidth}); they are ({string.Join(", ", vectors.shape)}).", nameof(vectors));
        }

        using DisposeScope scope = NewDisposeScope();
        TokenStage grid = Layout.Stages[0];
        Tensor cells = vectors.transpose(1, 2).reshape(vectors.shape[0], Configuration.CodebookWidth, grid.Height, grid.Width);
        return _decoder.Forward(cells).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _codebook?.Dispose();
        _codebook = null; // asked for again, the weights say that they are disposed
        _weights.Dispose();
    }

    internal static IReadOnlyList<ParameterShape> Shapes(LlamaGenTokenizerConfiguration configuration) =>
    [
        .. VqEncoder.Shapes(configuration),
        new(CodebookName, [configuration.CodebookSize, configuration.CodebookWidth], InitialValue.Uniform, 1.0 / configuration.CodebookSize),
        .. VqDecoder.Shapes(configuration),
    ];

    private Tensor NormalisedCodebook()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return F.normalize(_weights[CodebookName], p: 2, dim: -1, eps: NormaliseEpsilon).DetachFromDisposeScope();
    }
}
