namespace VaPi.Alignment.Stopping;

/// <summary>
/// When a run ends before its last rollout: the policy is measured on what it is not trained on before the first rollout,
/// after every <see cref="Every"/> rollouts and after the last, and the run ends once it has not got better for
/// <see cref="Patience"/> measurements. Holds no state, so trainers may share it.
/// </summary>
public sealed record EarlyStopping
{
    /// <summary>What is measured, for messages; as in <c>Frechet distance</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Measures the policy as it is now and leaves it so; gives a finite number. It runs on the thread of the step, without
    /// gradients, in a dispose scope of its own. Random numbers from TorchSharp's global generator are the same in every
    /// measurement; generators of its own it should seed afresh each time, so that only the policy makes a difference and a
    /// resumed run measures the same.
    /// </summary>
    public required Func<IAutoregressivePolicy, CancellationToken, double> Measure { get; init; }

    /// <summary>True for a reward, false for a distance.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>The rollouts between two measurements; at least 1.</summary>
    public int Every { get; init; } = 10;

    /// <summary>The measurements in a row without an improvement after which the run ends; at least 1.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>
    /// By how much a measurement must be better than the best so far to count as an improvement, in the measure's unit; 0 or
    /// above. About what the measure differs by between random seeds.
    /// </summary>
    public double MinimumImprovement { get; init; }

    /// <summary>
    /// Whether the policy gets the parameters of the best measurement back when the run ends, early or after its last rollout.
    /// For that the trainer keeps a copy of them in main memory, of parameters of 16 bits in float32.
    /// </summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Stops on <see cref="HeldOutReward"/>.</summary>
    /// <param name="tokenizer">As <see cref="HeldOutReward.Measure"/> takes it.</param>
    /// <param name="reward">The reward; the one that is trained on or another.</param>
    /// <param name="images">Images that are not trained on.</param>
    /// <param name="options">As <see cref="HeldOutReward.Measure"/> takes them; copied.</param>
    /// <param name="imageCount">The images to measure on, at least 1.</param>
    /// <returns>To be adapted by <c>with</c>.</returns>
    public static EarlyStopping OnHeldOutReward(
        ITokenizer tokenizer, IRewardFunction reward, IImageSource images, AlignmentOptions options, int imageCount)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(reward);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(imageCount, 1);
        AlignmentOptions copy = options.Clone();
        AlignmentOptionsValidator.ThrowIfInvalid(copy);
        return new EarlyStopping
        {
            Name = "held-out reward",
            HigherIsBetter = true,
            Measure = (policy, cancellationToken) =>
                HeldOutReward.Measure(policy, tokenizer, reward, images, copy, imageCount, cancellationToken).Mean,
        };
    }

    /// <summary>Whether a value is an improvement on the best so far.</summary>
    internal bool Improves(double value, double best)
    {
        double improvement = HigherIsBetter ? value - best : best - value;
        return improvement > 0 && improvement >= MinimumImprovement;
    }

    /// <summary>Everything that is out of range, with its name, value and range.</summary>
    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Name))
            yield return $"{nameof(EarlyStopping)}.{nameof(Name)} is empty; say what is measured.";
        if (Measure is null)
            yield return $"{nameof(EarlyStopping)}.{nameof(Measure)} is null; give a function that measures the policy.";
        if (Every < 1)
            yield return $"{nameof(EarlyStopping)}.{nameof(Every)} is {Every}; allowed: 1 or more.";
        if (Patience < 1)
            yield return $"{nameof(EarlyStopping)}.{nameof(Patience)} is {Patience}; allowed: 1 or more.";
        if (!(MinimumImprovement >= 0 && double.IsFinite(MinimumImprovement)))
            yield return $"{nameof(EarlyStopping)}.{nameof(MinimumImprovement)} is {MinimumImprovement}; allowed: 0 or above.";
    }
}
