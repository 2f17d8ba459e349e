using VaPi.Alignment.Metrics;

namespace VaPi.Study.Training;

/// <summary>The training of one run.</summary>
internal interface ITraining : IDisposable
{
    /// <summary>Makes one rollout and its update.</summary>
    /// <returns>What the trainer says of it; null if it is not the library's.</returns>
    AlignmentStep? Step(CancellationToken cancellationToken);
}
