using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Likelihood;

/// <summary>One forward pass on a given prefix, without dropout: how likely the true tokens are, and samples of every position.</summary>
/// <param name="Truth">(B, T), float64: log-probabilities of the true tokens.</param>
/// <param name="Samples">(B, G, T), int64, or null.</param>
/// <param name="SampleLogProbabilities">(B, G, T), float64, or null.</param>
internal sealed record ForcedPass(Tensor Truth, Tensor? Samples, Tensor? SampleLogProbabilities)
{
    // 4 M logits, 16 MB in float32: all logits of a large model would take gigabytes.
    private const long LogitsPerChunk = 4L << 20;

    /// <param name="policy">The policy.</param>
    /// <param name="condition">Of the B images.</param>
    /// <param name="context">(B, T), int64: the prefix that the policy is forced on.</param>
    /// <param name="truth">(B, T), int64.</param>
    /// <param name="uniforms">(B, T, G) in [0, 1): decide the samples; null for none.</param>
    /// <returns>Tensors in the caller's dispose scope.</returns>
    public static ForcedPass Run(IAutoregressivePolicy policy, Condition condition, Tensor context, Tensor truth, Tensor? uniforms)
    {
        using DisposeScope scope = NewDisposeScope();
        (long images, long positions) = (context.shape[0], context.shape[1]);
        Tensor features = policy.Features(condition, context, PolicyMode.Evaluation); // (B, T, D)
        long length = Math.Clamp(LogitsPerChunk / (images * policy.VocabularySize), 1, positions);
        var ofTruth = new List<Tensor>();
        var samples = new List<Tensor>();
        var ofSamples = new List<Tensor>();
        for (long start = 0; start < positions; start += length)
        {
            using DisposeScope chunk = NewDisposeScope();
            long count = Math.Min(length, positions - start);
            Tensor logProbabilities = policy.Head(features.narrow(1, start, count)).log_softmax(-1); // (B, t, V)
            ofTruth.Add(Kept(logProbabilities.gather(-1, truth.narrow(1, start, count).unsqueeze(-1)).squeeze(-1)));
            if (uniforms is null)
                continue;
            Tensor drawn = Drawn(logProbabilities, uniforms.narrow(1, start, count)); // (B, t, G)
            ofSamples.Add(Kept(logProbabilities.gather(-1, drawn)));
            samples.Add(drawn.MoveToOuterDisposeScope());
        }

        return new ForcedPass(
            cat(ofTruth, 1).MoveToOuterDisposeScope(),
            uniforms is null ? null : cat(samples, 1).transpose(1, 2).contiguous().MoveToOuterDisposeScope(),
            uniforms is null ? null : cat(ofSamples, 1).transpose(1, 2).contiguous().MoveToOuterDisposeScope());
    }

    // By inverting the cumulative distribution: the random numbers are an input, and so the same for every policy and device.
    private static Tensor Drawn(Tensor logProbabilities, Tensor uniforms)
    {
        Tensor cumulative = logProbabilities.to(ScalarType.Float64).exp().cumsum(-1); // (B, t, V)
        long vocabulary = cumulative.shape[^1];
        Tensor targets = uniforms.to(ScalarType.Float64) * cumulative.narrow(-1, vocabulary - 1, 1); // (B, t, G)
        return searchsorted(cumulative, targets, right: true).clamp_(max: vocabulary - 1);
    }

    private static Tensor Kept(Tensor values) => values.to(ScalarType.Float64, copy: true).MoveToOuterDisposeScope();
}
