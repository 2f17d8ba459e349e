using TorchSharp.Modules;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Faults;

/// <summary>A policy that names one of its parameters twice, and cannot be copied.</summary>
internal sealed class NamedTwice(ToyPolicy inner) : IAutoregressivePolicy, IDisposable
{
    public bool IsNamedOnce { get; init; }

    public int VocabularySize => inner.VocabularySize;

    public int TokenCount => inner.TokenCount;

    public Device Device => inner.Device;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode) => inner.Features(condition, context, mode);

    public Tensor Head(Tensor features) => inner.Head(features);

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() =>
        IsNamedOnce ? inner.NamedParameters() : [.. inner.NamedParameters(), ("again", inner["norm.weight"])];

    public bool IsDecayed(string parameterName) => inner.IsDecayed(parameterName);

    public IReferencePolicy CreateReference() => throw new FormatException();

    public void Dispose() => inner.Dispose();
}
