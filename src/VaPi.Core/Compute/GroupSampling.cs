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
    /// <param name="temperature">τ.</param>
    /// <param name="topK">0 for off.</param>
    /// <param name="topP">1 or more for off.</param>
    /// <param name="chunkLength">Positions at a time.</param>
    public static GroupSample Draw(
        Func<Tensor, Tensor> head, Tensor features, Tensor uniforms, double temperature, int topK, double topP, int chunkLength)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var samples = new List<Tensor>();
        var logProbabilities = new List<Tensor>();
        var supports = new List<Tensor>();
        Tensor entropy = zeros([], ScalarType.Float64, features.device);
        foreach ((long start, long length) in PositionChunks.Of(features.shape[1], chunkLength))
        {
            using DisposeScope chunk = NewDisposeScope();
            Tensor logits = head(features.narrow(1, start, length)); // (B, t, V)
            Tensor? support = LogitFilter.Support(temperature == 1 ? logits : logits / temperature, topK, topP);
            Tensor probabilities = GroupLogProbabilities.Scaled(logits, temperature, support).softmax(-1); // (B, t, V)
            long groupSize = uniforms.shape[2];
            Tensor rows = uniforms.narrow(1, start, length).reshape(-1, groupSize).to(probabilities.dtype); // (B t, G)
            Tensor drawn = TokenDraw.ByInverse(probabilities.flatten(0, 1), rows); // (B t, G)
            Tensor chosen = drawn.view(logits.shape[0], length, groupSize).transpose(1, 2).contiguous(); // (B, G, t)
            entropy.add_(special.entr(probabilities).sum().to(ScalarType.Float64));
            samples.Add(chosen.MoveToOuterDisposeScope());
            logProbabilities.Add(GroupLogProbabilities.OfSamples(logits, chosen, temperature, support).LogProbabilities.MoveToOuterDisposeScope());
            if (support is not null)
                supports.Add(support.MoveToOuterDisposeScope());
        }

        return new GroupSample(
            cat(samples, 2).MoveToOuterDisposeScope(),
            cat(logProbabilities, 2).MoveToOuterDisposeScope(),
            supports.Count == 0 ? null : cat(supports, 1).MoveToOuterDisposeScope(),
            (entropy / (features.shape[0] * features.shape[1])).MoveToOuterDisposeScope());
    }
}
