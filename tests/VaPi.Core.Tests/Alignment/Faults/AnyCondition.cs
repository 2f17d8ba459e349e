using TorchSharp.Modules;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Faults;

/// <summary>A policy for images without labels: all are of the first class.</summary>
internal sealed class AnyCondition(ToyPolicy inner) : IAutoregressivePolicy
{
    public int VocabularySize => inner.VocabularySize;

    public int TokenCount => inner.TokenCount;

    public Device Device => inner.Device;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
    {
        using var first = new ClassCondition(new long[condition.Count]);
        return inner.Features(first, context, mode);
    }

    public Tensor Head(Tensor features) => inner.Head(features);

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => inner.NamedParameters();

    public bool IsDecayed(string parameterName) => inner.IsDecayed(parameterName);

    public IReferencePolicy CreateReference() => inner.CreateReference();
}
