using static TorchSharp.torch;

namespace VaPi.Alignment.Surrogates;

/// <summary>
/// No policy loss: only the regularisers train. With the prior term alone that is fine-tuning by cross-entropy, under as much
/// contextual noise as <see cref="AlignmentOptions.ContextNoise"/> says. Samples are drawn and scored all the same, so that the
/// step records say what it does to the reward.
/// </summary>
public sealed class NoPolicyLoss : ISurrogate
{
    /// <inheritdoc/>
    public bool NeedsAdvantages => false;

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return zeros_like(tokens.Current);
    }
}
