using VaPi.Alignment.Surrogates;

namespace VaPi.Alignment;

/// <summary>
/// Straight-through estimation in place of a policy gradient: the samples' reward is differentiated through the decoder down to the
/// codebook vectors, and from there through the relaxed draw of the token.
/// </summary>
/// <param name="Tokenizer">Decodes vectors.</param>
/// <param name="Temperature">λ of the relaxed draw, above 0.</param>
internal sealed record StraightThrough(IDifferentiableTokenizer Tokenizer, double Temperature)
{
    /// <summary>What the rest of the builder has that does not go with it.</summary>
    public static IEnumerable<string> Problems(
        ITokenizer tokenizer, IRewardFunction reward, AlignmentOptions options, bool hasSurrogate, bool hasAdvantage, double temperature)
    {
        const string Through = nameof(AlignmentTrainerBuilder.WithStraightThrough);
        if (!(temperature > 0 && double.IsFinite(temperature)))
            yield return $"The temperature of {Through} is {temperature}; allowed: above 0.";
        if (tokenizer is not IDifferentiableTokenizer)
            yield return $"{Through} needs a tokenizer that decodes vectors ({nameof(IDifferentiableTokenizer)}), which {tokenizer.GetType().Name} does not; implement it, or leave {Through} out.";
        IEnumerable<IRewardFunction> terms = reward is Rewards.WeightedSum sum ? sum.Rewards : [reward];
        foreach (IRewardFunction term in terms.Where(term => !term.IsDifferentiable))
            yield return $"{Through} needs rewards with gradients, which '{term.Name}' has not ({nameof(IRewardFunction.IsDifferentiable)} is false); leave it out, or use another.";
        if (hasSurrogate)
            yield return $"{Through} takes the place of a surrogate; leave {nameof(AlignmentTrainerBuilder.WithSurrogate)} out.";
        if (hasAdvantage)
            yield return $"{Through} uses no advantages; leave {nameof(AlignmentTrainerBuilder.WithAdvantage)} out.";
        if (Minibatches.Count(options) != 1 || options.PassesPerRollout != 1)
            yield return $"{Through} differentiates the forward pass that drew the samples, so a rollout must be one minibatch gone through once; leave {nameof(options.ImagesPerMinibatch)}, {nameof(options.SamplesPerMinibatch)} and {nameof(options.PassesPerRollout)} as they are by default, and lower {nameof(options.ImagesPerRollout)} to save memory.";
        if (options.TopK > 0 || options.TopP < 1)
            yield return $"{Through} draws from all tokens; set {nameof(options.TopK)} to 0 and {nameof(options.TopP)} to 1.";
        if (options.Mode == AlignmentMode.Twice)
            yield return $"{Through} has one forward pass for all terms; set {nameof(options.Mode)} to {AlignmentMode.Training} or {AlignmentMode.Evaluation}.";
    }

    /// <summary>Reports the reward as the loss; the gradient goes another way.</summary>
    public static ISurrogate Surrogate => new RewardItself();
}
