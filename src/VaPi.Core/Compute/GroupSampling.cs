using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>Samples G tokens at every position of a teacher-forced forward pass, all positions independently.</summary>
internal static class GroupSampling
{
    /// <summary>Draws the group from one forward pass, chunk by chunk over positions. Takes no gradients.</summary>
    /// <param name="head">(B, t, D) to logits (B, t, V).</param>
    /// <param name="features">(B, T, D).</param>
    /// <param name="uniforms">(B, T, G) in [0, 1): the random numbers that decide the draws.</param>
    /// <param name="truth">(B, T), int64: tokens whose log-probabilities are wanted too; null for none.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="topK">0 for off.</param>
    /// <param name="topP">1 or more for off.</param>
    /// <param name="chunkLength">Positions at a time.</param>
    public static GroupSample Draw(
        Func<Tensor, Tensor> head, Tensor features, Tensor uniforms, Tensor? truth, double temperature, int topK, double topP, int chunkLength)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var samples = new List<Tensor>();
        var logProbabilities = new List<Tensor>();
        var ofTruths = new List<Tensor>();
        var supports = new List<Tensor>();
        Tensor entropy = zeros([], ScalarType.Float64, features.device);
        foreach ((long start, long length) in PositionChunks.Of(features.shape[1], chunkLength))
        {
            using DisposeScope chunk = NewDisposeScope();
            Tensor logits = head(features.narrow(1, start, length)); // (B, t, V)
            Tensor? support = LogitFilter.Support(temperature == 1 ? logits : logits / temperature, topK, topP);
            bool oneDistribution = temperature == 1 && support is null;
            Tensor ofAll = GroupLogProbabilities.Scaled(logits, temperature, support).log_softmax(-1); // (B, t, V)
            Tensor probabilities = ofAll.exp(); // (B, t, V)
            long groupSize = uniforms.shape[2];
            Tensor rows = uniforms.narrow(1, start, length).reshape(-1, groupSize).to(probabilities.dtype); // (B t, G)
            Tensor drawn = TokenDraw.ByInverse(probabilities.flatten(0, 1), rows).view(logits.shape[0], length, groupSize); // (B, t, G)
            samples.Add(drawn.transpose(1, 2).MoveToOuterDisposeScope());
            logProbabilities.Add(ofAll.gather(-1, drawn).transpose(1, 2).MoveToOuterDisposeScope());
            entropy.sub_((probabilities * ofAll.clamp(min: float.MinValue)).sum().to(ScalarType.Float64)); // zero times a number, not infinity
            if (truth is not null)
            {
                Tensor plain = oneDistribution ? ofAll : logits.log_softmax(-1);
                ofTruths.Add(plain.gather(-1, truth.narrow(1, start, length).unsqueeze(-1)).squeeze(-1).MoveToOuterDisposeScope()); // (B, t)
            }

            if (support is not null)
                supports.Add(support.MoveToOuterDisposeScope());
        }

        return new GroupSample(
            cat(samples, 2).MoveToOuterDisposeScope(),
            cat(logProbabilities, 2).MoveToOuterDisposeScope(),
            truth is null ? null : cat(ofTruths, 1).MoveToOuterDisposeScope(),
            supports.Count == 0 ? null : cat(supports, 1).MoveToOuterDisposeScope(),
            (entropy / (features.shape[0] * features.shape[1])).MoveToOuterDisposeScope());
    }
}
