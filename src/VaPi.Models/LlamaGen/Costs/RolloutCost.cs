using Microsoft.Extensions.Options;
using VaPi.Alignment;
using static System.FormattableString;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>
/// What one rollout with its updates costs: the operations of each phase, the bytes that an update moves, and the memory.
/// Operations are those of matrix products and convolutions that the arrangement needs, whatever else a machine spends; the
/// formula is in <c>docs/cost-model.md</c>.
/// </summary>
public sealed record RolloutCost
{
    private RolloutCost()
    {
    }

    /// <summary>Images to true tokens. Nothing of it is done where the images come with tokens.</summary>
    public required PhaseCost Encode { get; init; }

    /// <summary>One forward pass an image, from which its group is sampled.</summary>
    public required PhaseCost Sample { get; init; }

    /// <summary>Samples to images.</summary>
    public required PhaseCost Decode { get; init; }

    /// <summary>The reward's network.</summary>
    public required PhaseCost Score { get; init; }

    /// <summary>The starting policy's log-probabilities; null where nothing needs them.</summary>
    public required PhaseCost? Reference { get; init; }

    /// <summary>The forward passes, where the sampling forward is not kept, and the backward passes. They do not grow with the group.</summary>
    public required PhaseCost Train { get; init; }

    /// <summary>Clipping and AdamW.</summary>
    public required PhaseCost Update { get; init; }

    /// <summary>What is in memory at the peak.</summary>
    public required MemoryEstimate Memory { get; init; }

    /// <summary>All phases in the order in which they run.</summary>
    public IReadOnlyList<PhaseCost> Phases => [Encode, Sample, Decode, Score, .. Reference is null ? Array.Empty<PhaseCost>() : [Reference], Train, Update];

    /// <summary>The floating-point operations of all phases.</summary>
    public double Operations => Phases.Sum(phase => phase.Operations);

    /// <summary>The time of all phases on a machine that keeps up its rates throughout, which none quite does: at best.</summary>
    /// <param name="rate">The machine's.</param>
    /// <param name="ofPolicy">Of the policy's passes, where those compute in another type; the same if null.</param>
    public double Seconds(MachineRate rate, MachineRate? ofPolicy = null) =>
        Phases.Sum(phase => phase.Seconds(phase == Sample || phase == Reference || phase == Train ? ofPolicy ?? rate : rate));

    /// <summary>The cost of a teacher-forced rollout, by shapes alone: nothing is loaded or run.</summary>
    /// <param name="policy">The policy's shape.</param>
    /// <param name="tokenizer">The tokenizer's shape, with the size of the images.</param>
    /// <param name="options">Of the alignment.</param>
    /// <param name="reward">The network that the reward runs.</param>
    /// <param name="type">The type of the policy's weights: Float32 (if null), BFloat16 or Float64.</param>
    /// <param name="checkpointActivations">Whether the policy's <see cref="LlamaGenPolicy.CheckpointActivations"/> is on.</param>
    /// <exception cref="ArgumentException">A shape is out of range, the two do not fit together, or weights cannot be of this type.</exception>
    /// <exception cref="OptionsValidationException">Options are out of range; every one is named with its value and range.</exception>
    public static RolloutCost Of(
        LlamaGenConfiguration policy,
        LlamaGenTokenizerConfiguration tokenizer,
        AlignmentOptions options,
        RewardNetwork reward = RewardNetwork.None,
        ScalarType? type = null,
        bool checkpointActivations = false)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(tokenizer);
        policy.Validate();
        tokenizer.Validate();
        RequireFit(policy, tokenizer);
        PolicyPasses passes = PolicyPasses.Of(options);
        NumberBytes bytes = NumberBytes.Of(type, passes.MinibatchesPerUpdate > 1);
        double samples = (double)options.ImagesPerRollout * options.GroupSize;
        return new RolloutCost
        {
            Encode = Times("encode", options.ImagesPerRollout, "image", TokenizerOperations.Encode(tokenizer)),
            Sample = Times("sample", passes.SamplingForwards, "forward pass", PolicyOperations.Forward(policy)),
            Decode = Times("decode", samples, "sample", TokenizerOperations.Decode(tokenizer)),
            Score = ScoreOf(options.ImagesPerRollout, samples, tokenizer.ImageSize, reward),
            Reference = passes.NeedsStartingPolicy
                ? Times("reference", passes.ReferenceForwards, "starting policy's forward pass", PolicyOperations.Forward(policy))
                : null,
            Train = TrainOf(policy, passes, checkpointActivations),
            Update = UpdateOf(policy, passes, bytes),
            Memory = new RolloutMemory(policy, tokenizer, options, passes, reward, bytes, checkpointActivations).Estimate(),
        };
    }

    private static PhaseCost Times(string name, double count, string what, double each) =>
        new(name, $"{Counted(count, what)} x {Amounts.OfOperations(each)}", count * each, BytesMoved: 0);

    // As "1 forward pass" or "16 forward passes".
    private static string Counted(double count, string what) => Invariant($"{count:N0} {what}{(count == 1 ? "" : what.EndsWith('s') ? "es" : "s")}");

    private static PhaseCost ScoreOf(int images, double samples, ImageSize size, RewardNetwork reward)
    {
        double each = LpipsNetwork.Operations(size);
        return reward switch
        {
            RewardNetwork.None => new PhaseCost("score", "pixels are compared", Operations: 0, BytesMoved: 0),
            RewardNetwork.Lpips => new PhaseCost(
                "score", $"({Counted(images, "original")} + {Counted(samples, "sample")}) x {Amounts.OfOperations(each)}", (images + samples) * each, BytesMoved: 0),
            _ => throw new ArgumentOutOfRangeException(nameof(reward), reward, "There is no such network."),
        };
    }

    private static PhaseCost TrainOf(LlamaGenConfiguration policy, PolicyPasses passes, bool checkpointActivations)
    {
        double forward = PolicyOperations.Forward(policy);
        double backward = PolicyOperations.Backward(policy);
        string forwards = passes.SamplingForwardIsTrainingForward
            ? "the sampling forward passes are kept"
            : $"{Counted(passes.TrainingForwards, "forward pass")} x {Amounts.OfOperations(forward)}";
        double again = checkpointActivations ? PolicyOperations.Blocks(policy) : 0;
        string backwards = again == 0 ? Amounts.OfOperations(backward) : $"({Amounts.OfOperations(backward)} + {Amounts.OfOperations(again)} of the blocks' forward pass again)";
        return new PhaseCost(
            "train",
            $"{forwards} + {Counted(passes.Backwards, "backward pass")} x {backwards}",
            passes.TrainingForwards * forward + passes.Backwards * (backward + again),
            BytesMoved: 0);
    }

    private static PhaseCost UpdateOf(LlamaGenConfiguration policy, PolicyPasses passes, NumberBytes bytes) => new(
        "update",
        Invariant($"{passes.Updates:N0} x {bytes.MovedByUpdate} B x {policy.ParameterCount:N0} parameters read and written"),
        Operations: 0,
        (double)passes.Updates * bytes.MovedByUpdate * policy.ParameterCount);

    private static void RequireFit(LlamaGenConfiguration policy, LlamaGenTokenizerConfiguration tokenizer)
    {
        if (policy.VocabularySize != tokenizer.CodebookSize)
            throw new ArgumentException($"The policy chooses from {policy.VocabularySize} tokens but the tokenizer's codebook has {tokenizer.CodebookSize} entries; they must be the same. Give the tokenizer that the policy was trained with.");
        long tokens = (long)(tokenizer.ImageSize.Height / tokenizer.Downsampling) * (tokenizer.ImageSize.Width / tokenizer.Downsampling);
        if (policy.TokenCount != tokens)
            throw new ArgumentException($"The policy predicts {policy.TokenCount} tokens but the tokenizer makes {tokens} of an image of {tokenizer.ImageSize} pixels; they must be the same. Check the grid of the one and the image size of the other.");
    }
}
