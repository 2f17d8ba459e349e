using QuickStart.Aligning;
using VaPi.Alignment;
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

    public AlignmentMode Mode { get; init; } = AlignmentMode.Training;

    /// <summary>Measure the KL divergence to the start, which takes a frozen policy's forward pass a rollout.</summary>
    public bool MonitorKl { get; init; } = true;

    /// <summary>Trains as the published code arranges it, which is in evaluation mode here, instead of with the library's trainer.</summary>
    public bool IsPublished { get; init; }

    public string Name => $"{Factor} {Value}";
}
