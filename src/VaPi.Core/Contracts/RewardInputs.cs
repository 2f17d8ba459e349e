namespace VaPi;

/// <summary>What a reward function needs besides the decoded samples.</summary>
[Flags]
public enum RewardInputs
{
    /// <summary>The decoded samples alone.</summary>
    None = 0,

    /// <summary>The original images.</summary>
    Targets = 1,

    /// <summary>The condition.</summary>
    Condition = 2,

    /// <summary>The sampled tokens.</summary>
    Tokens = 4,
}
