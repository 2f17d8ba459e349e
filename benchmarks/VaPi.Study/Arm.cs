using QuickStart.Aligning;
using VaPi.Rewards;

namespace VaPi.Study;

/// <summary>One way to align: the QuickStart's recipe with something changed.</summary>
/// <param name="Factor">What is changed.</param>
/// <param name="Value">What it is changed to.</param>
internal sealed record Arm(string Factor, string Value)
{
    public Recipe Recipe { get; init; } = new();

    public int Rollouts { get; init; } = 50;

    /// <summary>What is maximised, made of the world's reward; measuring always uses the world's own.</summary>
    public Func<Reward, Reward> Objective { get; init; } = reward => reward;

    public string Name => $"{Factor} {Value}";
}
