using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Checkpoints;
using VaPi.Generation;
using VaPi.Models.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.LlamaGen;

/// <summary>
/// LlamaGen's generator: a Llama-like transformer over a grid of image tokens, led by one class token or by a caption.
/// Names and arithmetic follow the published PyTorch code, so its checkpoints load and give the same logits.
/// </summary>
public sealed class LlamaGenPolicy : IAutoregressivePolicy, ITokenGenerator, IDisposable
{
    private const string TokenTable = "tok_embeddings.weight";
    private const string FinalNorm = "norm.weight";
    private const string OutputHead = "output.weight";

    private readonly TransformerBlock[] _blocks;
    private readonly IConditionEmbedding _condition;
    private readonly Tensor _rotary;
    private readonly ModelWeights _weights;
    private volatile Exception? _backwardError;

    private LlamaGenPolicy(LlamaGenConfiguration configuration, ModelWeights weights)
    {
        Configuration = configuration;
        _weights = weights;
        _blocks = [.. Enumerable.Range(0, configuration.Layers).Select(layer => new TransformerBlock(configuration, weights, layer))];
        _rotary = RotaryTable.Create(configuration.GridSize, configuration.HeadWidth, configuration.RotaryBase, configuration.ConditionTokens, Device);
        _condition = configuration.IsTextConditional ? new CaptionEmbedding(configuration, weights) : new ClassEmbedding(configuration, weights);
    }

    /// <summary>The policy's shape.</summary>
    public LlamaGenConfiguration Configuration { get; }

    /// <summary>
    /// Whether a forward pass with gradients keeps only each block's input, and the backward pass computes the block again; off
    /// by default. Training then takes far less memory and up to a third more time; no gradient changes. What goes wrong in
    /// computing a block again, such as a lack of memory, is told by <see cref="BackwardError"/>.
    /// </summary>
    public bool CheckpointActivations { get; set; }

    /// <inheritdoc/>
    public int VocabularySize => Configuration.VocabularySize;

    /// <inheritdoc/>
    public int TokenCount => Configuration.TokenCount;

    /// <inheritdoc/>
    public Device Device => _weights[OutputHead].device;

    /// <summary>A policy with random weights, started as the published training starts (its first logits are all zero).</summary>
    /// <param name="configuration">The shape.</param>
    /// <param name="seed">Decides the weights.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <param name="type">
    /// The type of the weights, whatever the file has: Float32 (if null), BFloat16 or Float64. With BFloat16 weights and activations
    /// take half the memory; the trainer keeps the weights in float32 beside them, updates those, and rounds them into the policy.
    /// </param>
    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    public static LlamaGenPolicy Create(LlamaGenConfiguration configuration, long seed = 0, Device? device = null, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        return new LlamaGenPolicy(configuration, ModelWeights.Random(Shapes(configuration), seed, trainable: true, device ?? CPU, Precision.Checked(type)));
    }

    /// <summary>Loads a checkpoint of a published size, which its tensors tell, class- or text-conditional.</summary>
    /// <param name="path">A <c>.pt</c>, <c>.pth</c> or <c>.safetensors</c> file, or the index file of sharded safetensors.</param>
    /// <param name="gridSize">16 for 256 px, 24 for 384 px, 32 for 512 px: no tensor depends on it.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <param name="type">
    /// The type of the weights, whatever the file has: Float32 (if null), BFloat16 or Float64. With BFloat16 weights and activations
    /// take half the memory; the trainer keeps the weights in float32 beside them, updates those, and rounds them into the policy.
    /// </param>
    /// <exception cref="CheckpointException">The file cannot be read, or does not hold a LlamaGen generator of a published size.</exception>
    public static LlamaGenPolicy Load(string path, int gridSize = 24, Device? device = null, ScalarType? type = null)
    {
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        return Load(checkpoint, path, LlamaGenRecognition.Policy(checkpoint, path, gridSize), device, type);
    }

    /// <summary>Loads a checkpoint of a published size, and makes sure that it is that size.</summary>
    /// <param name="path">A <c>.pt</c>, <c>.pth</c> or <c>.safetensors</c> file, or the index file of sharded safetensors.</param>
    /// <param name="size">The published size.</param>
    /// <param name="gridSize">16 for 256 px, 24 for 384 px, 32 for 512 px: no tensor depends on it.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <param name="type">
    /// The type of the weights, whatever the file has: Float32 (if null), BFloat16 or Float64. With BFloat16 weights and activations
    /// take half the memory; the trainer keeps the weights in float32 beside them, updates those, and rounds them into the policy.
    /// </param>
    /// <exception cref="CheckpointException">The file cannot be read or does not hold this model.</exception>
    public static LlamaGenPolicy Load(string path, LlamaGenSize size, int gridSize = 24, Device? device = null, ScalarType? type = null)
    {
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        LlamaGenConfiguration found = LlamaGenRecognition.Policy(checkpoint, path, gridSize);
        LlamaGenConfiguration wanted = LlamaGenConfiguration.Of(size);
        return (found.Layers, found.Width) == (wanted.Layers, wanted.Width)
            ? Load(checkpoint, path, found, device, type)
            : throw new CheckpointException(
                path, $"it has {found.Layers} layers of width {found.Width}", $"{wanted.Layers} layers of width {wanted.Width}, which is size {size}", "Give the file of that size, or leave the size out to have it recognised");
    }

    /// <summary>Loads a checkpoint.</summary>
    /// <param name="path">A <c>.pt</c>, <c>.pth</c> or <c>.safetensors</c> file, bare or under <c>model</c>, <c>module</c> or <c>state_dict</c>.</param>
    /// <param name="configuration">The shape that the file has.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <param name="type">
    /// The type of the weights, whatever the file has: Float32 (if null), BFloat16 or Float64. With BFloat16 weights and activations
    /// take half the memory; the trainer keeps the weights in float32 beside them, updates those, and rounds them into the policy.
    /// </param>
    /// <exception cref="CheckpointException">The file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    public static LlamaGenPolicy Load(string path, LlamaGenConfiguration configuration, Device? device = null, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        return Load(checkpoint, path, configuration, device, type);
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
    /// Saves given weights under their published names, and everything that is not trained as the policy has it. For a policy
    /// in bfloat16, whose own weights are rounded: what <see cref="AlignmentTrainer.CopyWeights"/> gives is float32.
    /// </summary>
    /// <param name="path">As in <see cref="Save(string, ScalarType?)"/>.</param>
    /// <param name="weights">
    /// By name, in the shapes of <see cref="NamedParameters"/>, of any floating-point types, on any device: all whose parameters
    /// require gradients, and others where they are to differ from the policy's. They stay the caller's.
    /// </param>
    /// <param name="type">The type to store; each tensor's own if null.</param>
    /// <exception cref="ArgumentException">Weights are missing, misshapen or of another model; the message names them, and nothing is written.</exception>
    /// <exception cref="CheckpointException">The file cannot be written, or has another extension.</exception>
    public void Save(string path, IReadOnlyDictionary<string, Tensor> weights, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        List<string> problems = [.. _weights.Problems(weights)];
        if (problems.Count > 0)
        {
            string listed = string.Join("; ", problems.Take(10)) + (problems.Count > 10 ? $"; and {problems.Count - 10} more" : "");
            throw new ArgumentException(
                $"The weights are not those of this policy: {listed}. Give every weight that is trained, as {nameof(AlignmentTrainer)}.{nameof(AlignmentTrainer.CopyWeights)} does for the policy that its trainer was built with.",
                nameof(weights));
        }

        _weights.Save(path, weights, type);
    }

    /// <summary>A copy with weights of its own.</summary>
    /// <returns>Belongs to the caller.</returns>
    public LlamaGenPolicy Clone() => new(Configuration, _weights.Clone(trainable: true)) { CheckpointActivations = CheckpointActivations };

    /// <inheritdoc/>
    public Exception? BackwardError => _backwardError;

    /// <inheritdoc/>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => _weights.Trained;

    /// <summary>The published rule: every tensor decays whose name has no <c>norm</c> in it, embeddings and head included.</summary>
    public bool IsDecayed(string parameterName)
    {
        ArgumentNullException.ThrowIfNull(parameterName);
        return !parameterName.Contains("norm", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public IReferencePolicy CreateReference() => new FrozenPolicy(new LlamaGenPolicy(Configuration, _weights.Clone(trainable: false)));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The condition is of another kind or count or has an unknown class, or the context is of another length.</exception>
    public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(context);
        if (context.dim() != 2 || context.shape[1] != TokenCount || context.shape[0] != condition.Count)
        {
            throw new ArgumentException(
                $"The context must be ({condition.Count}, {TokenCount}): all tokens of each of the condition's images; it is ({string.Join(", ", context.shape)}).",
                nameof(context));
        }

        double dropout = mode == PolicyMode.Training ? Configuration.Dropout : 0;
        using DisposeScope scope = NewDisposeScope();

        // The condition stands before the image tokens, so the output at its last position predicts token 0, and the last
        // token is not fed.
        Tensor prefix = Rows(context.narrow(1, 0, TokenCount - 1), nameof(context)); // (B, T-1, D)
        Tensor hidden = cat([_condition.Embed(condition, mode), prefix], dim: 1); // (B, C+T-1, D)
        hidden = TransformerBlock.Dropped(hidden, dropout);
        long length = hidden.shape[1];
        Tensor? mask = _condition.Mask(condition, firstQuery: 0, length); // (B, 1, C+T-1, C+T-1)
        _backwardError = null;
        var pass = new CheckpointedBlock.BackwardPass(error => _backwardError = error);
        foreach (TransformerBlock block in _blocks)
            hidden = Through(block, hidden, mask, dropout, pass);
        hidden = hidden.narrow(1, length - TokenCount, TokenCount); // (B, T, D)
        return RootMeanSquareNorm.Apply(hidden, _weights[FinalNorm], Configuration.NormEpsilon).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Head(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        return F.linear(features, _weights[OutputHead]).to(Precision.AtLeastSingle(features.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Generate(Condition condition, GenerationOptions options, CancellationToken cancellationToken = default) =>
        Generate(condition, options, seen: null, cancellationToken);

    /// <param name="condition">Of the images.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="seen">Told the logits (rows, V) of every token before guidance, conditional rows first.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    internal Tensor Generate(Condition condition, GenerationOptions options, Action<int, Tensor>? seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();

        // With guidance, conditional rows come first and unconditional ones after them in one batch.
        bool guided = options.Guidance > 1;
        int images = condition.Count;
        int rows = guided ? 2 * images : images;
        using Condition? unconditional = guided ? condition.Unconditional() : null;
        using Condition? both = unconditional is null ? null : condition.Concat(unconditional);
        Condition ofRows = both ?? condition;
        Tensor hidden = _condition.Embed(ofRows, PolicyMode.Evaluation); // (rows, C, D)
        KeyValueCache[] caches =
        [
            .. _blocks.Select(_ => new KeyValueCache(rows, Configuration.KeyValueHeadCount, Configuration.ConditionTokens + TokenCount - 1, Configuration.HeadWidth, hidden.dtype, Device)),
        ];
        try
        {
            Tensor tokens = empty([images, TokenCount], ScalarType.Int64, Device);
            for (int token = 0; token < TokenCount; token++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using DisposeScope step = NewDisposeScope();
                Tensor logits = NextLogits(ofRows, hidden, caches);
                seen?.Invoke(token, logits);
                if (guided)
                    logits = Guided(logits, images, options.GuidanceAt(token, TokenCount));
                Tensor next = TokenSampling.Next(logits, options, token); // (images)
                tokens.narrow(1, token, 1).copy_(next.unsqueeze(1));
                options.Progress?.Report(token + 1);
                Tensor fed = guided ? next.repeat(2) : next;
                hidden = Rows(fed.unsqueeze(1), nameof(fed)).MoveToOuterDisposeScope(); // (rows, 1, D)
            }

            return tokens.MoveToOuterDisposeScope();
        }
        finally
        {
            foreach (KeyValueCache cache in caches)
                cache.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rotary.Dispose();
        _weights.Dispose();
    }

    internal static IReadOnlyList<ParameterShape> Shapes(LlamaGenConfiguration configuration)
    {
        long width = configuration.Width;
        return
        [
            .. configuration.IsTextConditional ? CaptionEmbedding.Shapes(configuration) : ClassEmbedding.Shapes(configuration),
            new(TokenTable, [configuration.VocabularySize, width], InitialValue.Normal, 0.02),
            .. Enumerable.Range(0, configuration.Layers).SelectMany(layer => TransformerBlock.Shapes(configuration, layer)),
            new(FinalNorm, [width], InitialValue.Ones),
            new(OutputHead, [configuration.VocabularySize, width], InitialValue.Zeros),
        ];
    }

    private static LlamaGenPolicy Load(CheckpointReader checkpoint, string path, LlamaGenConfiguration configuration, Device? device, ScalarType? type)
    {
        configuration.Validate();
        return new LlamaGenPolicy(configuration, ModelWeights.Load(Shapes(configuration), checkpoint, path, trainable: true, device ?? CPU, Precision.Checked(type)));
    }

    private Tensor Through(TransformerBlock block, Tensor hidden, Tensor? mask, double dropout, CheckpointedBlock.BackwardPass pass)
    {
        Tensor Forward(Tensor input, Tensor? seen) => block.Forward(input, _rotary.narrow(0, 0, input.shape[1]), cache: null, seen, dropout);
        return CheckpointActivations && is_grad_enabled() && hidden.requires_grad
            ? CheckpointedBlock.Of(Forward, hidden, mask, drawsDropout: dropout > 0, pass)
            : Forward(hidden, mask);
    }

    private static Tensor Guided(Tensor logits, int images, double scale)
    {
        Tensor conditional = logits.narrow(0, 0, images);
        if (scale <= 1)
            return conditional;
        Tensor unconditional = logits.narrow(0, images, images);
        return unconditional + scale * (conditional - unconditional);
    }

    /// <param name="condition">Of the rows.</param>
    /// <param name="hidden">(rows, S, D): the positions that the caches do not have yet.</param>
    /// <param name="caches">One a block.</param>
    /// <returns>(rows, V) from the last position.</returns>
    private Tensor NextLogits(Condition condition, Tensor hidden, KeyValueCache[] caches)
    {
        (long first, long count) = (caches[0].Length, hidden.shape[1]);
        Tensor rotary = _rotary.narrow(0, first, count);
        Tensor? mask = _condition.Mask(condition, first, first + count); // (rows, 1, S, length)
        for (int layer = 0; layer < _blocks.Length; layer++)
            hidden = _blocks[layer].Forward(hidden, rotary, caches[layer], mask, dropout: 0);
        Tensor last = hidden.narrow(1, count - 1, 1); // (rows, 1, D)
        return Head(RootMeanSquareNorm.Apply(last, _weights[FinalNorm], Configuration.NormEpsilon)).squeeze(1);
    }

    /// <returns>(B, S, D): the table's rows for indices (B, S).</returns>
    private Tensor Rows(Tensor tokens, string argument) => TokenRows.Of(_weights[TokenTable], tokens, argument);
}
