using VaPi.Alignment;
using static System.FormattableString;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>What aligning a policy takes, by what is held throughout and what comes and goes in a rollout.</summary>
internal sealed class RolloutMemory(
    LlamaGenConfiguration policy,
    LlamaGenTokenizerConfiguration tokenizer,
    AlignmentOptions options,
    PolicyPasses passes,
    RewardNetwork reward,
    NumberBytes bytes,
    bool checkpointActivations)
{
    private const int Single = NumberBytes.Single;

    private bool Filters => options.TopK > 0 || options.TopP < 1;

    private long SamplesAtATime => Math.Min(options.SamplesPerDecode, (long)options.ImagesPerRollout * options.GroupSize);

    private long ImagesEncodedAtATime => Math.Min(options.SamplesPerDecode, options.ImagesPerRollout);

    // Where the sampling forward is the training forward too, its activations wait while samples are decoded and scored.
    public MemoryEstimate Estimate()
    {
        MemoryItem[] again = checkpointActivations ? [BlockAgain()] : [];
        return passes.SamplingForwardIsTrainingForward
            ? new MemoryEstimate([.. Held(), Activations()], [.. Rollout(), Training([Gradients(), .. again, Logits()]), Updating()])
            : new MemoryEstimate([.. Held()], [.. Rollout(), Training([Gradients(), Activations(), .. again, Logits()]), Updating()]);
    }

    private IEnumerable<MemoryItem> Held()
    {
        MemoryItem weights = Weights();
        yield return weights;
        yield return new("AdamW's moments", Invariant($"{bytes.Moments} B x {policy.ParameterCount:N0}"), bytes.Moments * policy.ParameterCount);
        if (bytes.Master > 0)
            yield return new("weights in float32, for AdamW", Invariant($"{bytes.Master} B x {policy.ParameterCount:N0}"), bytes.Master * policy.ParameterCount);
        if (bytes.Sum > 0)
            yield return new("gradients of minibatches, summed", Invariant($"{bytes.Sum} B x {policy.ParameterCount:N0}"), bytes.Sum * policy.ParameterCount);
        if (passes.NeedsStartingPolicy)
            yield return weights with { Name = "starting policy, for the KL term" };
        yield return new("tokenizer's weights", Invariant($"{Single} B x {tokenizer.ParameterCount:N0}"), Single * tokenizer.ParameterCount);
        if (reward == RewardNetwork.Lpips)
            yield return new("VGG-16's weights, for LPIPS", Invariant($"{Single} B x {LpipsNetwork.ParameterCount:N0}"), Single * LpipsNetwork.ParameterCount);
        yield return ImagesRead();
        if (Filters)
            yield return Support();
    }

    private IEnumerable<MemoryItem> Rollout()
    {
        yield return Encoding();
        yield return Sampling();
        long decoding = TokenizerMemory.Decode(tokenizer);
        if (reward != RewardNetwork.Lpips)
        {
            yield return new("decoding samples", Invariant($"{SamplesAtATime} samples x {Amounts.OfBytes(decoding)} of layers' outputs"), SamplesAtATime * decoding);
            yield break;
        }

        (long preparing, long scoring) = (LpipsNetwork.PreparingBytes(tokenizer.ImageSize), LpipsNetwork.SampleBytes(tokenizer.ImageSize));
        long originals = options.ImagesPerRollout * LpipsNetwork.OriginalBytes(tokenizer.ImageSize);
        string features = $"originals' features {Amounts.OfBytes(originals)}";
        yield return new("LPIPS of the originals", Invariant($"{options.ImagesPerRollout} images x {Amounts.OfBytes(preparing)}"), options.ImagesPerRollout * preparing);
        yield return new("decoding samples", Invariant($"{SamplesAtATime} samples x {Amounts.OfBytes(decoding)} of layers' outputs + {features}"), SamplesAtATime * decoding + originals);
        yield return new("LPIPS of samples", Invariant($"{SamplesAtATime} samples x {Amounts.OfBytes(scoring)} + {features}"), SamplesAtATime * scoring + originals);
    }

    private MemoryItem Weights()
    {
        string counted = policy.BufferCount == 0 ? Invariant($"{policy.ParameterCount:N0}") : Invariant($"({policy.ParameterCount:N0} + {policy.BufferCount:N0} that stand for no caption)");
        return new("policy's weights", $"{bytes.Weight} B x {counted}", bytes.Weight * (policy.ParameterCount + policy.BufferCount));
    }

    private MemoryItem Gradients() => new("gradients", Invariant($"{bytes.Gradient} B x {policy.ParameterCount:N0}"), bytes.Gradient * policy.ParameterCount);

    private MemoryItem Support() => new(
        "tokens that the filters leave",
        Invariant($"2 x {options.ImagesPerRollout} images x {policy.TokenCount} tokens x {policy.VocabularySize:N0} x 1 B"),
        2L * options.ImagesPerRollout * policy.TokenCount * policy.VocabularySize);

    private MemoryItem ImagesRead()
    {
        long image = 3L * tokenizer.ImageSize.Height * tokenizer.ImageSize.Width * Single;
        long batches = options.BatchesAhead + 2L; // the step's own, and its copy on the device
        return new("images, with those read ahead", Invariant($"{batches} batches x {options.ImagesPerRollout} x {Amounts.OfBytes(image)}"), batches * options.ImagesPerRollout * image);
    }

    private MemoryItem Encoding()
    {
        long image = TokenizerMemory.Encode(tokenizer);
        return new("encoding the images", Invariant($"{ImagesEncodedAtATime} images x {Amounts.OfBytes(image)} of layers' outputs"), ImagesEncodedAtATime * image);
    }

    private MemoryItem Sampling()
    {
        int images = options.ImagesPerRollout;
        long forward = PolicyMemory.Forward(policy, images, bytes);
        long logits = PolicyMemory.LogitsChunk(policy, images, options.PositionsPerChunk, bytes);
        return new("sampling", Invariant($"forward of {images} images {Amounts.OfBytes(forward)} + a chunk of logits {Amounts.OfBytes(logits)}"), forward + logits);
    }

    private MemoryItem Activations()
    {
        // Two forward passes, without dropout and with it, wait for their backward passes in mode Twice.
        bool[] forwards = options.Mode switch
        {
            AlignmentMode.Training => [true],
            AlignmentMode.Evaluation => [false],
            _ => [false, true],
        };
        bool[] dropping = [.. forwards.Select(drops => drops && policy.Dropout > 0)];
        string counted = Invariant($"{passes.ImagesAtATime} x {PolicyOperations.Positions(policy)} positions x {policy.Layers} layers x ");
        if (checkpointActivations)
        {
            return new(
                "blocks' inputs",
                Invariant($"{counted}{(dropping.Length > 1 ? $"{dropping.Length} x " : "")}{bytes.Weight} B x {policy.Width}, and the embedding"),
                dropping.Length * PolicyMemory.Checkpointed(policy, passes.ImagesAtATime, bytes));
        }

        string[] kept = [.. dropping.Select(drops => Invariant($"({PolicyMemory.KeptByBlockText(policy, drops, bytes)} = {PolicyMemory.KeptByBlock(policy, drops, bytes):N0} B)"))];
        return new(
            "activations",
            $"{counted}{string.Join(" and ", kept)}, and the embedding",
            dropping.Sum(drops => PolicyMemory.Training(policy, passes.ImagesAtATime, drops, bytes)));
    }

    private MemoryItem BlockAgain() => new("a block, computed again", "its intermediate values", PolicyMemory.BlockAtWork(policy, passes.ImagesAtATime, bytes));

    private MemoryItem Logits() => new("logits", "a chunk of positions", PolicyMemory.LogitsChunk(policy, passes.ImagesAtATime, options.PositionsPerChunk, bytes));

    // The optimiser goes through the parameters one by one, each with its denominator, and with its gradient in float32 where
    // that is neither float32 nor summed in it.
    private MemoryItem Updating()
    {
        long largest = LlamaGenPolicy.Shapes(policy).Where(shape => shape.IsTrained).Max(shape => shape.Count);
        int each = bytes.IsRounded && bytes.Sum == 0 ? 2 * bytes.Wide : bytes.Wide;
        string denominator = Invariant($"{each} B x {largest:N0} of the largest parameter");
        if (bytes.Sum > 0)
            return new("updating", denominator, each * largest);
        MemoryItem gradients = Gradients();
        return new("updating", $"gradients: {gradients.Arithmetic} + {denominator}", gradients.Bytes + each * largest);
    }

    private static MemoryItem Training(IReadOnlyList<MemoryItem> parts) => new(
        "training",
        string.Join(" + ", parts.Select(part => $"{part.Name}: {part.Arithmetic} = {Amounts.OfBytes(part.Bytes)}")),
        parts.Sum(part => part.Bytes));
}
