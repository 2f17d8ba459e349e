#region edge reward
using TorchSharp;
using VaPi;
using VaPi.Rewards;
using static TorchSharp.torch;
#endregion

namespace Documents;

#region edge reward
/// <summary>Minus the mean absolute difference of brightness gradients: edges should be where the original has them.</summary>
public sealed class EdgeReward : Reward
{
    public override string Name => "edges";

    public override RewardInputs Inputs => RewardInputs.Targets;

    // Once a batch: what all samples of an image share.
    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(Gradients(Required(targets)));

    // (N, 3, H, W) to (N, 2, H - 1, W - 1): how brightness changes to the right and downwards.
    private static Tensor Gradients(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        (long height, long width) = (images.shape[2] - 1, images.shape[3] - 1);
        Tensor brightness = images.mean([1]); // (N, H, W)
        Tensor corner = brightness.narrow(1, 0, height).narrow(2, 0, width);
        Tensor right = brightness.narrow(1, 0, height).narrow(2, 1, width) - corner;
        Tensor down = brightness.narrow(1, 1, height).narrow(2, 0, width) - corner;
        return stack([right, down], 1).MoveToOuterDisposeScope(); // survives this scope, belongs to the caller
    }

    private sealed class Scorer(Tensor targets) : IRewardScorer
    {
        private readonly Tensor _targets = targets.DetachFromDisposeScope(); // (B, 2, h, w); lives until Dispose

        // Once a chunk: N = I * S samples, S for each of I consecutive images of the batch.
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope(); // frees everything below but the RewardBatch's tensors
            Tensor ofImages = _targets.narrow(0, chunk.FirstImage, chunk.ImageCount).unsqueeze(1); // (I, 1, 2, h, w)
            Tensor ofSamples = Gradients(chunk.Samples).unflatten(0, [chunk.ImageCount, chunk.SamplesPerImage]); // (I, S, 2, h, w)
            return new RewardBatch((ofSamples - ofImages).abs().mean([2, 3, 4]).flatten().neg()); // (N)
        }

        public void Dispose() => _targets.Dispose();
    }
}
#endregion
