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
        (long images, long positions, long groupSize) = (features.shape[0], features.shape[1], uniforms.shape[2]);

        // Nothing that a chunk allocates outlives it: a small tensor left in the place of a large one would keep the allocator
        // from using that place for the next chunk's.
        Tensor tokens = empty([images, positions, groupSize], ScalarType.Int64, features.device);
        Tensor entropy = zeros([], ScalarType.Float64, features.device);
        Tensor? logProbabilities = null; // (B, T, G)
        Tensor? ofTruth = null; // (B, T, 1)
        Tensor? support = null; // (B, T, V)
        foreach ((long start, long length) in PositionChunks.Of(positions, chunkLength))
        {
            using DisposeScope chunk = NewDisposeScope();
            Tensor logits = head(features.narrow(1, start, length)); // (B, t, V)
            if (logits.dtype is not (ScalarType.Float32 or ScalarType.Float64))
                throw new InvalidOperationException($"The policy's Head gave logits of type {logits.dtype}; they must be Float32, or Float64 where the policy computes in it. Convert them in Head.");
            Tensor? kept = LogitFilter.Support(temperature == 1 ? logits : logits / temperature, topK, topP); // (B, t, V)
            Tensor ofAll = GroupLogProbabilities.Scaled(logits, temperature, kept).log_softmax(-1); // (B, t, V)
            if (truth is not null)
            {
                Tensor plain = temperature == 1 && kept is null ? ofAll : logits.log_softmax(-1);
                ofTruth ??= empty([images, positions, 1], plain.dtype, features.device).MoveToOuterDisposeScope();
                ofTruth.narrow(1, start, length).copy_(plain.gather(-1, truth.narrow(1, start, length).unsqueeze(-1)));
            }

            Tensor probabilities = ofAll.exp(); // (B, t, V)
            Tensor rows = uniforms.narrow(1, start, length).reshape(-1, groupSize).to(probabilities.dtype); // (B t, G)
            Tensor drawn = TokenDraw.ByInverse(probabilities.flatten(0, 1), rows).view(images, length, groupSize); // (B, t, G)
            tokens.narrow(1, start, length).copy_(drawn);
            logProbabilities ??= empty([images, positions, groupSize], ofAll.dtype, features.device).MoveToOuterDisposeScope();
            logProbabilities.narrow(1, start, length).copy_(ofAll.gather(-1, drawn));

            // Zero times a number, not infinity. In place: tensors of this size make the peak of a rollout's memory.
            entropy.sub_(probabilities.mul_(ofAll.clamp_(min: float.MinValue)).sum().to(ScalarType.Float64));
            if (kept is not null)
            {
                support ??= empty([images, positions, kept.shape[2]], ScalarType.Bool, features.device).MoveToOuterDisposeScope();
                support.narrow(1, start, length).copy_(kept);
            }
        }

        return new GroupSample(
            tokens.transpose(1, 2).MoveToOuterDisposeScope(),
            logProbabilities!.transpose(1, 2).MoveToOuterDisposeScope(),
            ofTruth?.squeeze(-1).MoveToOuterDisposeScope(),
            support?.MoveToOuterDisposeScope(),
            (entropy / (images * positions)).MoveToOuterDisposeScope());
    }
}
