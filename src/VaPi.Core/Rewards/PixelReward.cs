using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Minus a loss between the pixels of the samples and of their original.</summary>
/// <param name="name">The reward's name.</param>
/// <param name="loss">Targets (I, 3, H, W) and samples (I * S, 3, H, W) to losses (I * S).</param>
internal sealed class PixelReward(string name, Func<Tensor, Tensor, Tensor> loss) : Reward
{
    public override string Name => name;

    public override RewardInputs Inputs => RewardInputs.Targets;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(this, Required(targets), loss);

    private sealed class Scorer(PixelReward reward, Tensor targets, Func<Tensor, Tensor, Tensor> loss) : IRewardScorer
    {
        private readonly Tensor _targets = targets.alias().DetachFromDisposeScope();

        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor ofImages = _targets.narrow(0, chunk.FirstImage, chunk.ImageCount);
            Tensor values = loss(ofImages, chunk.Samples).neg_();
            return SingleComponent.Batch(reward.Name, values);
        }

        public void Dispose() => _targets.Dispose();
    }
}
