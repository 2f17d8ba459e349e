using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Minus a loss between the pixels of the samples and of their original.</summary>
/// <param name="name">The reward's name.</param>
/// <param name="loss">Targets (I, 3, H, W) and samples (I * S, 3, H, W) to losses (I * S).</param>
/// <param name="lossMap">The same by place: (I * S, H, W), whose mean over space is the loss.</param>
internal sealed class PixelReward(string name, Func<Tensor, Tensor, Tensor> loss, Func<Tensor, Tensor, Tensor> lossMap) : Reward, ILocalReward
{
    public override string Name => name;

    public override RewardInputs Inputs => RewardInputs.Targets;

    public override bool IsDifferentiable => true;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(this, Required(targets), loss, lossMap);

    public ILocalRewardScorer PrepareLocal(Tensor? targets, Condition condition) => new Scorer(this, Required(targets), loss, lossMap);

    private sealed class Scorer(PixelReward reward, Tensor targets, Func<Tensor, Tensor, Tensor> loss, Func<Tensor, Tensor, Tensor> lossMap)
        : IRewardScorer, ILocalRewardScorer
    {
        private readonly Tensor _targets = targets.alias().DetachFromDisposeScope();

        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            return SingleComponent.Batch(reward.Name, loss(OfImages(chunk), chunk.Samples).neg_());
        }

        RewardMaps ILocalRewardScorer.Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            return new RewardMaps(lossMap(OfImages(chunk), chunk.Samples).neg_());
        }

        public void Dispose() => _targets.Dispose();

        private Tensor OfImages(RewardChunk chunk) => _targets.narrow(0, chunk.FirstImage, chunk.ImageCount);
    }
}
