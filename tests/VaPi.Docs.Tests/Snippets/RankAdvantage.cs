#region own advantage
using TorchSharp;
using VaPi.Alignment.Advantages;
using static TorchSharp.torch;
#endregion

namespace Documents;

#region own advantage
/// <summary>A sample's rank in its group, from -1 for the worst to 1 for the best: one outlier cannot drown the others.</summary>
public sealed class RankAdvantage : IAdvantageEstimator
{
    public Tensor Estimate(Tensor rewards) // (B, G), groups along dimension 1
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ranks = rewards.argsort(1).argsort(1).to(rewards.dtype); // 0 … G-1
        return (ranks * (2.0 / (rewards.shape[1] - 1)) - 1).MoveToOuterDisposeScope();
    }
}
#endregion
