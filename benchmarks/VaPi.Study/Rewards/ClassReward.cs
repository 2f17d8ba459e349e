using QuickStart.Models;
using TorchSharp;
using VaPi.Rewards;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.Rewards;

/// <summary>The log-probability that a network gives a sample's class, which needs no original.</summary>
/// <param name="network">Tells classes apart; stays the caller's.</param>
internal sealed class ClassReward(FeatureNetwork network) : Reward
{
    public override string Name => "class";

    public override RewardInputs Inputs => RewardInputs.Condition;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(network, (ClassCondition)condition);

    private sealed class Scorer(FeatureNetwork network, ClassCondition condition) : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor labels = condition.Labels.narrow(0, chunk.FirstImage, chunk.ImageCount).repeat_interleave(chunk.SamplesPerImage); // (N)
            Tensor logarithms = F.log_softmax(network.Classify(chunk.Samples.clamp(-1, 1)), dim: 1); // (N, classes)
            return new RewardBatch(logarithms.gather(1, labels.unsqueeze(1)).squeeze(1)); // (N)
        }

        public void Dispose()
        {
        }
    }
}
