namespace VaPi.Alignment.Rollouts;

/// <summary>Where a rollout's samples come from: teacher-forced on a noisy prefix, or any other way.</summary>
public interface IRolloutSource
{
    /// <summary>Whether its rollouts have originals that samples can be compared with.</summary>
    bool HasTargets { get; }

    /// <summary>Draws one rollout. Runs inside the trainer's dispose scope.</summary>
    /// <param name="request">What to draw for, and with what.</param>
    /// <returns>Belongs to the caller.</returns>
    Rollout Collect(RolloutRequest request);
}
