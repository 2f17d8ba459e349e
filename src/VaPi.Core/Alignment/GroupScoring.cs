using TorchSharp;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Alignment;

/// <summary>Decodes a rollout's samples and scores them, chunk by chunk, so that few decoded images exist at a time.</summary>
internal sealed class GroupScoring(ITokenizer tokenizer, IRewardFunction reward, int samplesPerDecode)
{
    /// <param name="targets">(B, 3, H, W); null in rollouts without originals.</param>
    /// <param name="condition">Of the B images.</param>
    /// <param name="samples">(B, G, T), int64.</param>
    /// <param name="cancellationToken">Checked between chunks.</param>
    /// <returns>Values (B, G), components (B, G) each, and values a position (B, G, T) or null; belongs to the caller.</returns>
    public RewardBatch Score(Tensor? targets, Condition condition, Tensor samples, CancellationToken cancellationToken) =>
        Score(targets, condition, samples, through: null, cancellationToken).Rewards;

    /// <summary>
    /// The same, and how the rewards change with the codebook vectors from which <paramref name="through"/> decodes the samples.
    /// </summary>
    /// <returns>The rewards, and dΣreward/dvector, (B, G, T, C); both belong to the caller.</returns>
    public (RewardBatch Rewards, Tensor AtVectors) ScoreThrough(
        IDifferentiableTokenizer through, Tensor? targets, Condition condition, Tensor samples, CancellationToken cancellationToken)
    {
        (RewardBatch rewards, Tensor? atVectors) = Score(targets, condition, samples, through, cancellationToken);
        return (rewards, atVectors!);
    }

    private (RewardBatch Rewards, Tensor? AtVectors) Score(
        Tensor? targets, Condition condition, Tensor samples, IDifferentiableTokenizer? through, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (long images, long groupSize, long positions) = (samples.shape[0], samples.shape[1], samples.shape[2]);
        using IRewardScorer scorer = RewardCall.Of(reward.Name, () => reward.Prepare(targets, condition))
            ?? throw new RewardException(reward.Name, "its Prepare returned null instead of a scorer.");
        using var check = new RewardCheck();
        var values = new List<Tensor>();
        var components = new Dictionary<string, List<Tensor>>();
        var perPosition = new List<Tensor>();
        var atVectors = new List<Tensor>();
        foreach ((int firstImage, int imageCount, int firstSample, int sampleCount) in Chunks((int)images, (int)groupSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inChunk = NewDisposeScope();
            Tensor tokens = samples.narrow(0, firstImage, imageCount).narrow(1, firstSample, sampleCount).reshape(-1, positions); // (N, T)
            using IDisposable inScores = set_grad_enabled(through is not null);
            Tensor? vectors = through is null ? null : VectorsOf(tokens, through); // (N, T, C)
            Tensor decoded = Checked(vectors is null ? tokenizer.Decode(tokens) : through!.DecodeVectors(vectors), tokens.shape[0]); // (N, 3, H, W), not clamped
            var chunk = new RewardChunk(decoded, tokens, tokenizer.Layout, firstImage, imageCount);
            using RewardBatch scored = RewardCall.Of(reward.Name, () => scorer is WeightedSum.Scorer sum ? sum.Score(chunk, check) : scorer.Score(chunk));
            check.Look(reward.Name, scored, tokens.shape[0], positions);
            if (values.Count > 0 && (scored.PositionValues is null) != (perPosition.Count == 0))
                throw new RewardException(reward.Name, "it gave a value a position for some chunks only. Give it for all or for none.");
            if (vectors is not null)
                atVectors.Add(AtVectors(scored.Values, vectors).MoveToOuterDisposeScope());
            values.Add(Kept(scored.Values));
            if (scored.PositionValues is { } ofPositions)
                perPosition.Add(Kept(ofPositions));
            foreach ((string name, Tensor part) in scored.Components)
            {
                if (!components.TryGetValue(name, out List<Tensor>? parts))
                    components[name] = parts = [];
                parts.Add(Kept(part));
            }
        }

        check.ThrowIfNotFinite();
        List<string> partial = [.. components.Where(part => part.Value.Count < values.Count).Select(part => $"'{part.Key}'")];
        if (partial.Count > 0)
            throw new RewardException(reward.Name, $"it gave the component {string.Join(" and ", partial)} for some chunks of samples only. Give each component for all or for none.");
        var rewards = new RewardBatch(
            cat(values).view(images, groupSize),
            components.ToDictionary(part => part.Key, part => cat(part.Value).view(images, groupSize)),
            perPosition.Count == 0 ? null : cat(perPosition).view(images, groupSize, positions));
        return (rewards, through is null ? null : cat(atVectors).view(images, groupSize, positions, -1).MoveToOuterDisposeScope());
    }

    private static Tensor Kept(Tensor tensor) => tensor.detach().to(ScalarType.Float32, copy: true).MoveToOuterDisposeScope();

    private static Tensor VectorsOf(Tensor tokens, IDifferentiableTokenizer through)
    {
        Tensor rows = through.Codebook.detach().index_select(0, tokens.reshape(-1));
        return rows.view(tokens.shape[0], tokens.shape[1], -1).requires_grad_();
    }

    private Tensor AtVectors(Tensor values, Tensor vectors)
    {
        if (!values.requires_grad)
            throw new RewardException(reward.Name, "it says that it is differentiable but its values carry no gradients to the samples. Compute them from the samples' pixels without switching gradients off.");
        return autograd.grad([values.sum()], [vectors])[0];
    }

    private Tensor Checked(Tensor images, long samples)
    {
        long[] expected = [samples, 3, tokenizer.ImageSize.Height, tokenizer.ImageSize.Width];
        return images.shape.SequenceEqual(expected)
            ? images
            : throw new InvalidOperationException(
                $"The tokenizer's Decode gave images of shape ({string.Join(", ", images.shape)}) where ({string.Join(", ", expected)}) was due. Check its ImageSize and Decode.");
    }

    // Whole images at a time where they fit, else parts of one image's group: a chunk never has a ragged group.
    private IEnumerable<(int FirstImage, int ImageCount, int FirstSample, int SampleCount)> Chunks(int images, int groupSize)
    {
        int imagesAtATime = samplesPerDecode / groupSize;
        for (int image = 0; image < images; image += Math.Max(1, imagesAtATime))
        {
            if (imagesAtATime >= 1)
            {
                yield return (image, Math.Min(imagesAtATime, images - image), 0, groupSize);
                continue;
            }

            for (int sample = 0; sample < groupSize; sample += samplesPerDecode)
                yield return (image, 1, sample, Math.Min(samplesPerDecode, groupSize - sample));
        }
    }
}
