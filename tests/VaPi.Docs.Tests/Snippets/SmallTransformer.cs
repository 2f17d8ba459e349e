#region own policy
using TorchSharp;
using TorchSharp.Modules;
using VaPi;
using VaPi.Alignment;
using VaPi.Generation;
using static TorchSharp.torch;

#endregion

namespace Documents;

#region own policy
/// <summary>A transformer of one layer, conditioned on classes.</summary>
public sealed class SmallTransformer : nn.Module, IAutoregressivePolicy, ITokenGenerator
{
    private const int Width = 32;
    private const int Heads = 4;
    private readonly int _classes;
    private readonly Embedding start; // a row for each class, and one for no class
    private readonly Embedding tokens;
    private readonly Embedding positions;
    private readonly LayerNorm norm;
    private readonly Linear attention;
    private readonly Linear head;

    public SmallTransformer(int vocabularySize, int tokenCount, int classes)
        : base(nameof(SmallTransformer))
    {
        (VocabularySize, TokenCount, _classes) = (vocabularySize, tokenCount, classes);
        start = nn.Embedding(classes + 1, Width);
        tokens = nn.Embedding(vocabularySize, Width);
        positions = nn.Embedding(tokenCount, Width);
        norm = nn.LayerNorm(Width);
        attention = nn.Linear(Width, 3 * Width);
        head = nn.Linear(Width, vocabularySize);
        RegisterComponents();
    }

    public int VocabularySize { get; }

    public int TokenCount { get; }

    public Device Device => head.weight.device;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = ((ClassCondition)condition).Labels; // (B), -1 for no class
        Tensor first = start.call(where(labels < 0, full_like(labels, _classes), labels)).unsqueeze(1); // (B, 1, D)
        Tensor before = tokens.call(context.narrow(1, 0, TokenCount - 1)); // (B, T-1, D): position t gets token t-1
        Tensor input = cat([first, before], 1) + positions.weight!; // (B, T, D)
        if (mode == PolicyMode.Training)
            input = nn.functional.dropout(input, 0.1, training: true);
        Tensor[] parts = attention.call(norm.call(input)).view(input.shape[0], TokenCount, 3, Heads, -1).permute(2, 0, 3, 1, 4).unbind(0); // 3 of (B, heads, T, d)
        Tensor mixed = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true); // each position sees itself and those before
        return (input + mixed.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope(); // (B, T, D)
    }

    public Tensor Head(Tensor features) => head.call(features); // (B, t, V)

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => named_parameters().Select(named => (named.name, named.parameter));

    public bool IsDecayed(string parameterName) => parameterName.EndsWith("weight", StringComparison.Ordinal) && !parameterName.StartsWith("norm", StringComparison.Ordinal);

    public IReferencePolicy CreateReference()
    {
        var copy = new SmallTransformer(VocabularySize, TokenCount, _classes);
        copy.to(Device);
        copy.load_state_dict(state_dict());
        return new FrozenPolicy(copy); // disposes it, too
    }

    // Optional: for free-running samples. Every token takes a pass over all positions, which a key/value cache would save.
    public Tensor Generate(Condition condition, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        using IDisposable gradients = no_grad();
        Tensor drawn = zeros(condition.Count, TokenCount, ScalarType.Int64, Device); // (B, T)
        for (int position = 0; position < TokenCount; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor features = Features(condition, drawn, PolicyMode.Evaluation).narrow(1, position, 1); // (B, 1, D)
            drawn.select(1, position).copy_(TokenSampling.Next(Head(features).squeeze(1), options, position));
        }

        return drawn;
    }
}
#endregion
