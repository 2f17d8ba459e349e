using TorchSharp;
using VaPi.Alignment.Rollouts;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.GroupLoss;

/// <summary>One rollout's draws, so that both arrangements compute the same loss and neither samples.</summary>
internal sealed class StoredGroup : IRolloutSource, IDisposable
{
    public StoredGroup(LlamaGenPolicy policy)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Condition = Sizes.Labels(Sizes.Images);
        Context = Sizes.RandomTokens(Sizes.Images, Sizes.Tokens).DetachFromDisposeScope();
        Samples = Sizes.RandomTokens(Sizes.Images, Sizes.GroupSize, Sizes.Tokens).DetachFromDisposeScope();
        Truth = Sizes.RandomTokens(Sizes.Images, Sizes.Tokens).DetachFromDisposeScope();
        Tensor logProbabilities = policy.Head(policy.Features(Condition, Context, PolicyMode.Evaluation)).log_softmax(-1).unsqueeze(1);
        Old = logProbabilities.expand(-1, Sizes.GroupSize, -1, -1).gather(-1, Samples.unsqueeze(-1)).squeeze(-1).DetachFromDisposeScope();
    }

    public bool HasTargets => true;

    public ClassCondition Condition { get; }

    /// <summary>(B, T).</summary>
    public Tensor Context { get; }

    /// <summary>(B, G, T).</summary>
    public Tensor Samples { get; }

    /// <summary>(B, T).</summary>
    public Tensor Truth { get; }

    /// <summary>(B, G, T): the samples' log-probabilities.</summary>
    public Tensor Old { get; }

    public Rollout Collect(RolloutRequest request) => new()
    {
        Condition = request.Condition,
        Context = Context.clone(),
        Samples = Samples.clone(),
        OldLogProbabilities = Old.clone(),
        TrueTokens = Truth.clone(),
    };

    public void Dispose()
    {
        Condition.Dispose();
        Context.Dispose();
        Samples.Dispose();
        Truth.Dispose();
        Old.Dispose();
    }
}
