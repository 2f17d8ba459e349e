using VaPi.Alignment;
using VaPi.Alignment.Surrogates;
using static TorchSharp.torch;

namespace OwnParts;

/// <summary>-A r, and a penalty on how far the logarithm of the ratio r has moved, where the usual surrogate clips the ratio.</summary>
internal sealed class PenalisedRatio(double weight) : ISurrogate
{
    // (R, S, T), a number a sampled token; differentiated by autograd.
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        Tensor moved = tokens.Current - tokens.Old; // (R, S, T); carries the gradient
        return -advantages * moved.exp() + weight * moved.square();
    }
}
