using TorchSharp;
using VaPi.Alignment.Advantages;
using static TorchSharp.torch;

namespace OwnParts;

/// <summary>A sample's rank in its group, from -1 for the worst to 1 for the best: one outlier cannot drown the others.</summary>
internal sealed class RankAdvantage : IAdvantageEstimator
{
    // (B, G) to (B, G), groups along dimension 1.
    public Tensor Estimate(Tensor rewards)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ranks = rewards.argsort(1).argsort(1).to(rewards.dtype); // 0 … G-1
        return (ranks * (2.0 / (rewards.shape[1] - 1)) - 1).MoveToOuterDisposeScope();
    }
}
