using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Arrangements;

/// <summary>A policy that is nothing but a table of logits, so that what a trainer computes is the gradient at the logits.</summary>
internal sealed class LogitTable : IAutoregressivePolicy, IDisposable
{
    private readonly Parameter _logits;

    /// <param name="logits">(B, T, V). Stays the caller's.</param>
    public LogitTable(Tensor logits)
    {
        (TokenCount, VocabularySize) = ((int)logits.shape[1], (int)logits.shape[2]);
        _logits = new Parameter(logits.clone().DetachFromDisposeScope(), requires_grad: true);
    }

    public int VocabularySize { get; }

    public int TokenCount { get; }

    public Device Device => _logits.device;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode) => _logits * 1;

    public Tensor Head(Tensor features) => features * 1;

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => [("logits", _logits)];

    public bool IsDecayed(string parameterName) => false;

    public IReferencePolicy CreateReference() => throw new NotSupportedException("A table of logits is no starting policy.");

    public void Dispose() => _logits.Dispose();
}
