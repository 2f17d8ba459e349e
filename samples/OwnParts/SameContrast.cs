using TorchSharp;
using VaPi;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace OwnParts;

/// <summary>Minus the absolute difference of a sample's and its original's contrast: the deviation of brightness over the pixels.</summary>
internal sealed class SameContrast : Reward
{
    public override string Name => "same contrast";

    public override RewardInputs Inputs => RewardInputs.Targets;

    // Once a batch: what all samples of an image share.
    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(Contrast(Required(targets)));

    // (N, 3, H, W) to (N).
    private static Tensor Contrast(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return images.mean([1]).flatten(1).std(1).MoveToOuterDisposeScope();
    }

    private sealed class Scorer(Tensor targets) : IRewardScorer
    {
        private readonly Tensor _targets = targets.DetachFromDisposeScope(); // (B); lives until Dispose

        // Once a chunk of samples: those of each of some consecutive images of the batch.
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope(); // frees everything below but the RewardBatch's tensors
            Tensor ofImages = _targets.narrow(0, chunk.FirstImage, chunk.ImageCount).repeat_interleave(chunk.SamplesPerImage); // (N)
            return new RewardBatch((Contrast(chunk.Samples) - ofImages).abs().neg()); // (N)
        }

        public void Dispose() => _targets.Dispose();
    }
}
