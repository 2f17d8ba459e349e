using TorchSharp.Modules;
using VaPi.Generation;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Tests.Conformance;

/// <summary>A toy policy with one thing done in another way.</summary>
internal sealed class AlteredPolicy(ToyPolicy policy) : IAutoregressivePolicy, ITokenGenerator
{
    public Func<Condition, Tensor, PolicyMode, Tensor>? OwnFeatures { get; init; }

    public Func<Tensor, Tensor>? OwnHead { get; init; }

    public Func<IEnumerable<(string, Parameter)>>? OwnParameters { get; init; }

    public Func<IReferencePolicy>? OwnReference { get; init; }

    public Func<Condition, GenerationOptions, Tensor>? OwnGeneration { get; init; }

    public int VocabularySize => policy.VocabularySize;

    public int TokenCount => policy.TokenCount;

    public Device Device => policy.Device;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode) => OwnFeatures?.Invoke(condition, context, mode) ?? policy.Features(condition, context, mode);

    public Tensor Head(Tensor features) => OwnHead?.Invoke(features) ?? policy.Head(features);

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => OwnParameters?.Invoke() ?? policy.NamedParameters();

    public bool IsDecayed(string parameterName) => policy.IsDecayed(parameterName);

    public IReferencePolicy CreateReference() => OwnReference?.Invoke() ?? policy.CreateReference();

    /// <summary>Token by token, each from a whole pass.</summary>
    public Tensor Generate(Condition condition, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        if (OwnGeneration is not null)
            return OwnGeneration(condition, options);
        using IDisposable gradients = no_grad();
        Tensor drawn = zeros(condition.Count, TokenCount, ScalarType.Int64);
        for (int position = 0; position < TokenCount; position++)
        {
            using Tensor features = Features(condition, drawn, PolicyMode.Evaluation);
            using Tensor logits = Head(features);
            using Tensor next = TokenSampling.Next(logits.select(1, position), options, position);
            drawn.select(1, position).copy_(next);
        }

        return drawn;
    }
}
