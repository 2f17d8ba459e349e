using TorchSharp;
using VaPi;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace Documents;

#region overshoot reward
/// <summary>Minus how far pixels lie beyond [-1, 1], where a viewer would cut them off. With its parts for the step record.</summary>
public sealed class OvershootReward : Reward
{
    public override string Name => "overshoot";

    public override RewardInputs Inputs => RewardInputs.None;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer();

    private sealed class Scorer : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor white = (chunk.Samples - 1).relu().mean([1, 2, 3]).neg(); // (N)
            Tensor black = (-1 - chunk.Samples).relu().mean([1, 2, 3]).neg(); // (N)
            return new RewardBatch(white + black, new Dictionary<string, Tensor> { ["too white"] = white, ["too black"] = black });
        }

        public void Dispose()
        {
        }
    }
}
#endregion
