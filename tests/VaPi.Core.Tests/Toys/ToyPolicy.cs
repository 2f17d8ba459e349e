using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Tests.Toys;

/// <summary>
/// A tiny autoregressive policy: embeddings, the causal mean of what came before, and a head with a hidden layer and biases.
/// In float64 two ways of computing the same gradient can be told from two different gradients.
/// </summary>
internal sealed class ToyPolicy : IAutoregressivePolicy, IDisposable
{
    private const int Width = 10;
    private const int HeadWidth = 14;

    private readonly int _classes;
    private readonly double _dropout;
    private readonly List<(string Name, Parameter Parameter)> _parameters = [];

    public ToyPolicy(ToyTokenizer tokenizer, int classes = 3, double dropout = 0, ScalarType dtype = ScalarType.Float32, ulong seed = 5)
        : this(tokenizer.CodebookSize, tokenizer.Layout.TokenCount, classes, dropout)
    {
        using var generator = new Generator(seed, CPU);
        void Add(string name, double scale, double centre, params long[] shape)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor drawn = randn(shape, dtype: ScalarType.Float64, generator: generator);
            _parameters.Add((name, Owned(drawn.mul_(scale).add_(centre).to(dtype))));
        }

        Add("classes.weight", 0.5, 0, classes + 1, Width);
        Add("tokens.weight", 0.5, 0, VocabularySize, Width);
        Add("positions.weight", 0.5, 0, TokenCount, Width);
        Add("now.weight", 0.4, 0, Width, Width);
        Add("before.weight", 0.4, 0, Width, Width);
        Add("norm.weight", 0.1, 1, Width);
        Add("head.inner.weight", 0.4, 0, HeadWidth, Width);
        Add("head.inner.bias", 0.2, 0, HeadWidth);
        Add("head.outer.weight", 0.4, 0, VocabularySize, HeadWidth);
        Add("head.outer.bias", 0.2, 0, VocabularySize);
    }

    private ToyPolicy(int vocabularySize, int tokenCount, int classes, double dropout)
    {
        VocabularySize = vocabularySize;
        TokenCount = tokenCount;
        _classes = classes;
        _dropout = dropout;
    }

    public int VocabularySize { get; }

    public int TokenCount { get; }

    public Device Device => CPU;

    /// <summary>The copies that became references.</summary>
    public List<ToyPolicy> References { get; } = [];

    public bool IsDisposed { get; private set; }

    public Parameter this[string name] => _parameters.Single(named => named.Name == name).Parameter;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = ((ClassCondition)condition).Labels;
        Tensor rows = where(labels < 0, full_like(labels, _classes), labels);
        Tensor start = this["classes.weight"].index_select(0, rows).unsqueeze(1); // (B, 1, D)
        Tensor earlier = this["tokens.weight"].index_select(0, context.narrow(1, 0, TokenCount - 1).flatten()).view(context.shape[0], -1, Width);
        Tensor input = Dropped(cat([start, earlier], 1) + this["positions.weight"], mode); // (B, T, D)
        Tensor counts = arange(1, TokenCount + 1, input.dtype, Device).unsqueeze(-1);
        Tensor hidden = tanh(F.linear(input, this["now.weight"]) + F.linear(input.cumsum(1) / counts, this["before.weight"]));
        return (Dropped(hidden, mode) * this["norm.weight"]).MoveToOuterDisposeScope();
    }

    public Tensor Head(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inner = tanh(F.linear(features, this["head.inner.weight"], this["head.inner.bias"]));
        Tensor logits = F.linear(inner, this["head.outer.weight"], this["head.outer.bias"]);
        return logits.to(logits.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => _parameters;

    public bool IsDecayed(string parameterName) => !parameterName.Contains("norm", StringComparison.Ordinal);

    public IReferencePolicy CreateReference()
    {
        References.Add(Copy());
        return new FrozenPolicy(References[^1]);
    }

    public ToyPolicy Copy()
    {
        var copy = new ToyPolicy(VocabularySize, TokenCount, _classes, _dropout);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in _parameters)
            copy._parameters.Add((name, Owned(parameter.clone())));
        return copy;
    }

    public void Dispose()
    {
        IsDisposed = true;
        _parameters.ForEach(named => named.Parameter.Dispose());
    }

    // The parameter takes over the tensor's handle, and must outlive the test's dispose scopes.
    private static Parameter Owned(Tensor value)
    {
        var parameter = new Parameter(value, true);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    private Tensor Dropped(Tensor hidden, PolicyMode mode) =>
        mode == PolicyMode.Training && _dropout > 0 ? F.dropout(hidden, _dropout, training: true) : hidden;
}
