namespace VaPi.Rewards;

/// <summary>A reward function broke its contract: a wrong shape, a value that is not finite, an input it did not get, or it threw something else.</summary>
public sealed class RewardException : Exception
{
    private readonly string _problem;

    /// <summary>Names the reward and what it did.</summary>
    /// <param name="rewardName">The reward's name.</param>
    /// <param name="problem">What is wrong and what to do, as the end of a sentence that began with the reward.</param>
    /// <param name="innerException">What the reward threw, if it did.</param>
    public RewardException(string rewardName, string problem, Exception? innerException = null)
        : base($"The reward '{rewardName}' cannot be used: {problem}", innerException) => (RewardName, _problem) = (rewardName, problem);

    /// <summary>The name of the reward.</summary>
    public string RewardName { get; }

    /// <summary>Whether all that is wrong is that numbers are NaN or infinite.</summary>
    internal bool IsNotFinite { get; init; }

    /// <summary>The same, with what made it an end of the run.</summary>
    internal RewardException Because(string reason) => new(RewardName, $"{_problem} {reason}") { IsNotFinite = IsNotFinite };
}
