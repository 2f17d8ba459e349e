using VaPi.Alignment;
using VaPi.Models.LlamaGen.Costs;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>The floating-point operations of a rollout and its update, by the library's cost model.</summary>
internal static class RolloutOperations
{
    /// <summary>Of the arrangement that the case names, without a KL term.</summary>
    public static double Of(RolloutCase rollout)
    {
        RolloutCost library = RolloutCost.Of(
            rollout.Size.Policy,
            rollout.Size.Tokenizer,
            new AlignmentOptions { ImagesPerRollout = rollout.Images, GroupSize = rollout.GroupSize, Mode = AlignmentMode.Evaluation },
            RewardNetwork.Lpips);
        if (rollout.Arrangement == RolloutCase.Library)
            return library.Operations;

        // The published one computes the target's features once a sample, and goes forward and back, which is three times as much, once a sample.
        double samples = (double)rollout.Images * rollout.GroupSize;
        double scored = library.Score.Operations * 2 * samples / (samples + rollout.Images);
        double forward = library.Sample.Operations / rollout.Images;
        return library.Encode.Operations + library.Sample.Operations + library.Decode.Operations + scored + 3 * samples * forward + library.Update.Operations;
    }
}
