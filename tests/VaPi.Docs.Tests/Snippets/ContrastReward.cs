#region own reward
using TorchSharp;
using VaPi;
using VaPi.Rewards;
using static TorchSharp.torch;
#endregion

namespace Documents;

#region own reward
/// <summary>The standard deviation of a sample's brightness over its pixels: 0 for a flat picture. Needs no original.</summary>
public sealed class ContrastReward : Reward
{
    public override string Name => "contrast";

    public override RewardInputs Inputs => RewardInputs.None;

    public override bool IsDifferentiable => true; // plain tensor code, so straight-through estimation can use it too

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer();

    private sealed class Scorer : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor brightness = chunk.Samples.mean([1]).flatten(1); // (N, H W)
            return new RewardBatch(brightness.std(1)); // (N)
        }

        public void Dispose() { }
    }
}
#endregion
