using TorchSharp;
using VaPi.Generation;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>
/// Samples G tokens at every position of a teacher-forced forward pass, all positions independently; or says of given tokens what
/// it says of sampled ones.
/// </summary>
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
        Func<Tensor, Tensor> head, Tensor features, Tensor uniforms, Tensor? truth, double temperature, int topK, double topP, int chunkLength) =>
        Run(head, features, new Choice(uniforms.shape[2]) { Uniforms = uniforms }, truth, temperature, topK, topP, chunkLength);

    /// <summary>As <see cref="Draw"/>, by Gumbel noise (B, G, T, V): the token whose log-probability plus noise is largest.</summary>
    public static GroupSample DrawPerturbed(
        Func<Tensor, Tensor> head, Tensor features, Tensor perturbation, Tensor? truth, double temperature, int topK, double topP, int chunkLength) =>
        Run(head, features, new Choice(perturbation.shape[1]) { Perturbation = perturbation }, truth, temperature, topK, topP, chunkLength);

    /// <summary>As <see cref="Draw"/>, of tokens (B, G, T) drawn elsewhere. They are in the support whatever the filters say.</summary>
    public static GroupSample OfGiven(
        Func<Tensor, Tensor> head, Tensor features, Tensor tokens, double temperature, int topK, double topP, int chunkLength) =>
        Run(head, features, new Choice(tokens.shape[1]) { Given = tokens }, truth: null, temperature, topK, topP, chunkLength);

    private static GroupSample Run(
        Func<Tensor, Tensor> head, Tensor features, Choice choice, Tensor? truth, double temperature, int topK, double topP, int chunkLength)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (long images, long positions, long groupSize) = (features.shape[0], features.shape[1], choice.GroupSize);

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
            if (kept is not null && choice.Given is { } given)
            {
                Tensor chosen = given.narrow(2, start, length).transpose(1, 2); // (B, t, G)
                kept.scatter_(-1, chosen, ones(chosen.shape, ScalarType.Bool, chosen.device));
            }

            Tensor ofAll = GroupLogProbabilities.Scaled(logits, temperature, kept).log_softmax(-1); // (B, t, V)
            if (truth is not null)
            {
                Tensor plain = temperature == 1 && kept is null ? ofAll : logits.log_softmax(-1);
                ofTruth ??= empty([images, positions, 1], plain.dtype, features.device).MoveToOuterDisposeScope();
                ofTruth.narrow(1, start, length).copy_(plain.gather(-1, truth.narrow(1, start, length).unsqueeze(-1)));
            }

            Tensor probabilities = ofAll.exp(); // (B, t, V)
            Tensor drawn = choice.At(ofAll, probabilities, start); // (B, t, G)
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

    /// <summary>What decides the tokens: one of uniform numbers, noise, or the tokens themselves.</summary>
    /// <param name="GroupSize">G.</param>
    private readonly record struct Choice(long GroupSize)
    {
        public Tensor? Uniforms { get; init; } // (B, T, G)

        public Tensor? Perturbation { get; init; } // (B, G, T, V)

        public Tensor? Given { get; init; } // (B, G, T)

        /// <param name="logProbabilities">(B, t, V).</param>
        /// <param name="probabilities">(B, t, V).</param>
        /// <param name="start">The chunk's first position.</param>
        /// <returns>(B, t, G).</returns>
        public Tensor At(Tensor logProbabilities, Tensor probabilities, long start)
        {
            (long images, long length) = (probabilities.shape[0], probabilities.shape[1]);
            if (Given is not null)
                return Given.narrow(2, start, length).transpose(1, 2);
            if (Uniforms is not null)
            {
                Tensor rows = Uniforms.narrow(1, start, length).reshape(-1, GroupSize).to(probabilities.dtype); // (B t, G)
                return TokenDraw.ByInverse(probabilities.flatten(0, 1), rows).view(images, length, GroupSize);
            }

            var drawn = new List<Tensor>();
            for (long sample = 0; sample < GroupSize; sample++)
                drawn.Add(TokenSampling.Perturbed(logProbabilities, Perturbation!.select(1, sample).narrow(1, start, length)));
            return stack(drawn, -1);
        }
    }
}
