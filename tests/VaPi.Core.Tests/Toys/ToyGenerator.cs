using TorchSharp;
using TorchSharp.Modules;
using VaPi.Generation;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>A toy policy that also generates, plainly: one whole forward pass a token. It does not own the policy.</summary>
internal sealed class ToyGenerator(ToyPolicy policy) : IAutoregressivePolicy, ITokenGenerator
{
    /// <summary>Options and image counts of every call.</summary>
    public List<(GenerationOptions Options, int Images)> Calls { get; } = [];

    public int VocabularySize => policy.VocabularySize;

    public int TokenCount => policy.TokenCount;

    public Device Device => policy.Device;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode) => policy.Features(condition, context, mode);

    public Tensor Head(Tensor features) => policy.Head(features);

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => policy.NamedParameters();

    public bool IsDecayed(string parameterName) => policy.IsDecayed(parameterName);

    public IReferencePolicy CreateReference() => policy.CreateReference();

    public Tensor Generate(Condition condition, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        Calls.Add((options, condition.Count));
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = zeros([condition.Count, TokenCount], ScalarType.Int64);
        for (int token = 0; token < TokenCount; token++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Tensor logits = Head(Features(condition, tokens, PolicyMode.Evaluation)).select(1, token);
            tokens.select(1, token).copy_(TokenSampling.Next(logits, options, token));
        }

        return tokens.MoveToOuterDisposeScope();
    }
}
