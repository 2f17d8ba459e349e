using VaPi.Alignment.Rollouts;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>The library's teacher-forced rollouts, of which the last one's draws are kept for the other arrangement.</summary>
internal sealed class RecordedRollouts : IRolloutSource, IDisposable
{
    private readonly TeacherForced _teacherForced = new();

    public bool HasTargets => true;

    /// <summary>The last rollout's draws; theirs until the next.</summary>
    public RolloutDraws? Last { get; private set; }

    public Rollout Collect(RolloutRequest request)
    {
        Rollout rollout = _teacherForced.Collect(request);
        Last?.Dispose();
        Last = new RolloutDraws(
            request.Images.clone().DetachFromDisposeScope(),
            request.Condition.Select([.. Enumerable.Range(0, request.Condition.Count)]),
            rollout.Context.clone().DetachFromDisposeScope(),
            rollout.Samples.clone().DetachFromDisposeScope());
        return rollout;
    }

    public void Dispose() => Last?.Dispose();
}
