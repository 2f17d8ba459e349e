using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Likelihood;

/// <summary>How likely whole samples are when each is its own prefix: as the prior would have generated them.</summary>
internal static class PriorScoring
{
    /// <param name="policy">The prior where no other is given.</param>
    /// <param name="prior">The prior; null for the policy.</param>
    /// <param name="condition">Of the B images.</param>
    /// <param name="samples">(B, G, T), int64.</param>
    /// <param name="samplesPerPass">Samples in one forward pass.</param>
    /// <returns>(B, G), float64: log p(x); in the caller's dispose scope.</returns>
    public static Tensor Score(IAutoregressivePolicy policy, IReferencePolicy? prior, Condition condition, Tensor samples, int samplesPerPass)
    {
        using DisposeScope scope = NewDisposeScope();
        (int images, int group) = ((int)samples.shape[0], (int)samples.shape[1]);
        Tensor rows = samples.flatten(0, 1); // (B G, T)
        var scores = new List<Tensor>();
        for (int start = 0; start < images * group; start += samplesPerPass)
        {
            using DisposeScope pass = NewDisposeScope();
            int count = Math.Min(samplesPerPass, images * group - start);
            Tensor own = rows.narrow(0, start, count); // (n, T)
            using Condition conditions = condition.Select([.. Enumerable.Range(start, count).Select(row => row / group)]);
            Tensor logProbabilities = prior is null
                ? ForcedPass.Run(policy, conditions, own, own, uniforms: null).Truth
                : prior.LogProbabilities(conditions, own, own.unsqueeze(1), temperature: 1, support: null).squeeze(1); // (n, T)
            scores.Add(logProbabilities.to(ScalarType.Float64).sum(-1).MoveToOuterDisposeScope());
        }

        return cat(scores).view(images, group).MoveToOuterDisposeScope();
    }
}
