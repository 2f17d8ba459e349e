namespace QuickStart;

/// <summary>What a run has made so far: what is told when it is stopped.</summary>
internal sealed class RunOutcome
{
    /// <summary>The absolute path of the policy, once one is written.</summary>
    public string? Policy { get; set; }

    /// <summary>The rollouts that it was aligned with.</summary>
    public int Rollouts { get; set; }

    /// <summary>The rollouts that were asked for.</summary>
    public required int Planned { get; init; }

    /// <summary>The folder of the small networks while they are trained.</summary>
    public string? UnfinishedNetworks { get; set; }

    public override string ToString() => (Policy, UnfinishedNetworks) switch
    {
        (_, string networks) => $"Stopped while the small networks were trained. '{networks}' may not have all of them: start again with --train-base.",
        (null, _) => "Stopped before a rollout was finished; no policy was written.",
        _ when Rollouts < Planned => $"Stopped after {Rollouts} of {Wording.Count(Planned, "rollout")}. The policy as the last one left it: {Policy}",
        _ => $"Stopped after alignment, before all was measured. The policy, aligned with {Wording.Count(Planned, "rollout")}: {Policy}",
    };
}
