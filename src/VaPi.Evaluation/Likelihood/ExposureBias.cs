namespace VaPi.Evaluation.Likelihood;

/// <summary>
/// What a policy loses when its prefix is not the truth: the log-likelihood of the same held-out tokens under clean, noisy and
/// self-made prefixes. A policy that never sees anything but the truth in training is least likely to recover from its own mistakes.
/// </summary>
/// <param name="Clean">Under the image's own tokens: the ordinary held-out likelihood.</param>
/// <param name="Noisy">
/// Under the image's own tokens, of which a share ξ was replaced by random ones. Minus this is the prior term that VA-π trains on.
/// </param>
/// <param name="Sampled">
/// Under one draw of the policy at every position, itself forced on the truth: the mistakes that the policy makes, in a prefix
/// that is still of this image.
/// </param>
/// <param name="Generated">
/// Under an image that the policy generated freely for the same condition. That is another image, so part of what is lost has
/// nothing to do with mistakes. Null where nothing generates.
/// </param>
/// <param name="ContextNoise">ξ of the noisy prefix.</param>
public sealed record ExposureBias(
    PrefixLikelihood Clean, PrefixLikelihood Noisy, PrefixLikelihood Sampled, PrefixLikelihood? Generated, double ContextNoise)
{
    /// <summary>What the noise costs, in nats a token: clean less noisy.</summary>
    public ImageEstimate NoisyGap { get; } = Clean.PerToken.Minus(Noisy.PerToken);

    /// <summary>What the policy's own mistakes cost, in nats a token: clean less sampled.</summary>
    public ImageEstimate SampledGap { get; } = Clean.PerToken.Minus(Sampled.PerToken);

    /// <summary>What an image of the policy's own costs, in nats a token: clean less generated. Null where nothing generates.</summary>
    public ImageEstimate? GeneratedGap { get; } = Generated is null ? null : Clean.PerToken.Minus(Generated.PerToken);
}
