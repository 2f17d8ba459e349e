using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>Minus the reward, for straight-through estimation: its gradient reaches the policy through the decoder, not through here.</summary>
internal sealed class RewardItself : ISurrogate
{
    public bool NeedsAdvantages => false;

    /// <param name="tokens">The policy's log-probabilities.</param>
    /// <param name="advantages">(R, S, 1): the rewards.</param>
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages) => (-advantages).expand_as(tokens.Current);
}
