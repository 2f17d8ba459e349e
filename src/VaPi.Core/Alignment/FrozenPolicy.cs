using TorchSharp;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Alignment;

/// <summary>A reference that is a frozen policy with weights of its own. Owns the policy, if it is disposable.</summary>
public sealed class FrozenPolicy : IReferencePolicy
{
    private readonly IAutoregressivePolicy _policy;

    /// <summary>Takes over a policy whose weights nobody changes, such as a copy.</summary>
    public FrozenPolicy(IAutoregressivePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
    }

    /// <inheritdoc/>
    public Tensor LogProbabilities(Condition condition, Tensor context, Tensor samples, double temperature, Tensor? support)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor features = _policy.Features(condition, context, PolicyMode.Evaluation); // (B, T, D)
        int chunkLength = PositionChunks.DefaultLength(context.shape[0], _policy.VocabularySize);
        (Tensor sampled, _) = GroupLogProbabilities.Evaluate(_policy.Head, features, samples, truth: null, temperature, support, chunkLength);
        return sampled.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => (_policy as IDisposable)?.Dispose();
}
