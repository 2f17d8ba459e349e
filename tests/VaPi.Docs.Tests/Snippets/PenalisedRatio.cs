#region own surrogate
using VaPi.Alignment;
using VaPi.Alignment.Surrogates;
using static TorchSharp.torch;
#endregion

namespace Documents;

#region own surrogate
/// <summary>-A r and a penalty on how far the logarithm of the ratio has moved, in place of clipping the ratio.</summary>
public sealed class PenalisedRatio(double weight) : ISurrogate
{
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        Tensor moved = tokens.Current - tokens.Old; // (R, S, T); carries the gradient
        return -advantages * moved.exp() + weight * moved.square();
    }
}
#endregion
