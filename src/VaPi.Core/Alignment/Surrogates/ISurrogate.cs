using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>Turns log-probabilities and advantages into the policy loss.</summary>
public interface ISurrogate
{
    /// <summary>
    /// Whether it looks at the advantages, which compare the samples of a group; a group may then not be of one sample. True
    /// unless a surrogate says otherwise.
    /// </summary>
    bool NeedsAdvantages => true;

    /// <summary>The policy loss of every token.</summary>
    /// <param name="tokens">The policy's log-probabilities.</param>
    /// <param name="advantages">(R, S, 1) or (R, S, T), already clamped; the rewards, (R, S, 1), where it needs no advantages.</param>
    /// <returns>(R, S, T), differentiable; the trainer averages over tokens, then over samples.</returns>
    Tensor Loss(TokenLogProbabilities tokens, Tensor advantages);
}
