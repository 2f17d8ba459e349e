using VaPi.Alignment;
using VaPi.Models.LlamaGen;
using static System.FormattableString;

namespace LlamaGen.Memory;

/// <summary>What aligning a policy takes. All is float32; P is the number of trained parameters.</summary>
internal static class AlignmentMemory
{
    /// <param name="policy">The policy's shape.</param>
    /// <param name="tokenizer">The tokenizer's shape.</param>
    /// <param name="options">Of the alignment.</param>
    /// <param name="lpips">Whether LPIPS is part of the reward.</param>
    public static MemoryEstimate Of(LlamaGenConfiguration policy, LlamaGenTokenizerConfiguration tokenizer, AlignmentOptions options, bool lpips)
    {
        long parameters = policy.ParameterCount;
        long weights = MemoryEstimate.Float * (parameters + policy.BufferCount);
        bool reference = options.KlWeight > 0 || options.MonitorKl;
        List<MemoryItem> held =
        [
            new("policy's weights", policy.BufferCount == 0 ? Invariant($"4 B x {parameters:N0}") : Invariant($"4 B x ({parameters:N0} + {policy.BufferCount:N0} that stand for no caption)"), weights),
            new("gradients", Invariant($"4 B x {parameters:N0}"), MemoryEstimate.Float * parameters),
            new("AdamW's moments", Invariant($"2 x 4 B x {parameters:N0}"), 2 * MemoryEstimate.Float * parameters),
            .. reference ? [new MemoryItem("starting policy, for the KL term", "as the policy's weights", weights)] : Array.Empty<MemoryItem>(),
            new("tokenizer's weights", Invariant($"4 B x {tokenizer.ParameterCount:N0}"), MemoryEstimate.Float * tokenizer.ParameterCount),
            .. lpips ? [new MemoryItem("VGG-16's weights, for LPIPS", "4 B x 14,714,688", LpipsFootprint.Weights)] : Array.Empty<MemoryItem>(),
            ImagesRead(tokenizer, options),
        ];
        if (options.TopK > 0 || options.TopP < 1)
            held.Add(Support(policy, options));

        // Where the sampling forward is the training forward too, its activations wait while samples are decoded and scored.
        MemoryItem[] training = Training(policy, options);
        bool kept = options is { Mode: AlignmentMode.Evaluation, TopK: 0, TopP: >= 1, PassesPerRollout: 1 } && (options.ImagesPerMinibatch ?? options.ImagesPerRollout) == options.ImagesPerRollout;
        if (kept)
            held.Add(training[0]);
        MemoryItem[] scoring = [Encoding(tokenizer, options), Sampling(policy, options), .. Scoring(tokenizer, options, lpips)];
        return new MemoryEstimate(held, kept ? [.. scoring, training[1]] : [.. scoring, Together(training)]);
    }

    private static MemoryItem Support(LlamaGenConfiguration policy, AlignmentOptions options) => new(
        "tokens that the filters leave",
        Invariant($"2 x {options.ImagesPerRollout} images x {policy.TokenCount} tokens x {policy.VocabularySize:N0} x 1 B"),
        2L * options.ImagesPerRollout * policy.TokenCount * policy.VocabularySize);

    private static MemoryItem ImagesRead(LlamaGenTokenizerConfiguration tokenizer, AlignmentOptions options)
    {
        long image = 3L * tokenizer.ImageSize.Height * tokenizer.ImageSize.Width * MemoryEstimate.Float;
        int batches = options.BatchesAhead + 2; // the step's own, and its copy on the device
        return new("images, with those read ahead", Invariant($"{batches} batches x {options.ImagesPerRollout} x {Sizes.Of(image)}"), batches * options.ImagesPerRollout * image);
    }

    private static MemoryItem Encoding(LlamaGenTokenizerConfiguration tokenizer, AlignmentOptions options)
    {
        long image = TokenizerFootprint.OfEncoding(tokenizer);
        return new("encoding the images", Invariant($"{options.ImagesPerRollout} images x {Sizes.Of(image)} of layers' outputs"), options.ImagesPerRollout * image);
    }

    private static MemoryItem Sampling(LlamaGenConfiguration policy, AlignmentOptions options)
    {
        int images = options.ImagesPerRollout;
        long forward = PolicyFootprint.Forward(policy, images);
        long logits = PolicyFootprint.LogitsChunk(policy, images);
        return new("sampling", Invariant($"forward of {images} images {Sizes.Of(forward)} + a chunk of logits {Sizes.Of(logits)}"), forward + logits);
    }

    private static IEnumerable<MemoryItem> Scoring(LlamaGenTokenizerConfiguration tokenizer, AlignmentOptions options, bool lpips)
    {
        long samples = Math.Min(options.SamplesPerDecode, (long)options.ImagesPerRollout * options.GroupSize);
        long decoding = TokenizerFootprint.OfDecoding(tokenizer);
        long originals = lpips ? options.ImagesPerRollout * LpipsFootprint.Original(tokenizer.ImageSize) : 0;
        yield return new(
            "decoding samples",
            Invariant($"{samples} samples x {Sizes.Of(decoding)} of layers' outputs{(lpips ? $" + originals' features {Sizes.Of(originals)}" : "")}"),
            samples * decoding + originals);
        if (!lpips)
            yield break;
        long preparing = LpipsFootprint.Preparing(tokenizer.ImageSize);
        yield return new("LPIPS of the originals", Invariant($"{options.ImagesPerRollout} images x {Sizes.Of(preparing)}"), options.ImagesPerRollout * preparing);
        long scoring = LpipsFootprint.Sample(tokenizer.ImageSize);
        yield return new("LPIPS of samples", Invariant($"{samples} samples x {Sizes.Of(scoring)} + originals' features {Sizes.Of(originals)}"), samples * scoring + originals);
    }

    private static MemoryItem[] Training(LlamaGenConfiguration policy, AlignmentOptions options)
    {
        int images = options.ImagesPerMinibatch ?? options.ImagesPerRollout;
        string kept = policy.IsTextConditional ? "14 D + H + 4 F + S" : "14 D + H + 4 F";
        return
        [
            new(
                "activations",
                Invariant($"{images} x {PolicyFootprint.Positions(policy)} positions x {policy.Layers} layers x ({kept} = {PolicyFootprint.KeptByBlock(policy):N0}) x 4 B, and the embedding"),
                PolicyFootprint.Training(policy, images)),
            new("logits", "a chunk of positions", PolicyFootprint.LogitsChunk(policy, images)),
        ];
    }

    private static MemoryItem Together(MemoryItem[] training) => new(
        "training",
        string.Join(" + ", training.Select(item => $"{item.Name}: {item.Arithmetic} = {Sizes.Of(item.Bytes)}")),
        training.Sum(item => item.Bytes));
}
