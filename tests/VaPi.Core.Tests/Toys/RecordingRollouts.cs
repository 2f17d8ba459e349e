using VaPi.Alignment.Rollouts;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>Rollouts, teacher-forced unless said otherwise, that are written down; on demand without the features that the trainer could reuse.</summary>
internal sealed class RecordingRollouts(bool keepFeatures = true, IRolloutSource? source = null) : IRolloutSource, IDisposable
{
    private readonly IRolloutSource _inner = source ?? new TeacherForced();

    public List<Record> Records { get; } = [];

    public bool HasTargets => _inner.HasTargets;

    public Rollout Collect(RolloutRequest request)
    {
        Rollout rollout = _inner.Collect(new RolloutRequest
        {
            Index = request.Index,
            Images = request.Images,
            Condition = request.Condition,
            Tokenizer = request.Tokenizer,
            Policy = request.Policy,
            Options = request.Options,
            ContextNoise = request.ContextNoise,
            Random = request.Random,
            KeepFeatures = request.KeepFeatures && keepFeatures,
            Mode = request.Mode,
            KeepPerturbation = request.KeepPerturbation,
            CancellationToken = request.CancellationToken,
        });
        Records.Add(new Record(
            rollout.Condition.To(CPU),
            Kept(request.Images),
            Kept(rollout.Context),
            Kept(rollout.Samples),
            Kept(rollout.OldLogProbabilities),
            rollout.TrueTokens is null ? null : Kept(rollout.TrueTokens),
            rollout.Support is null ? null : Kept(rollout.Support),
            rollout.Perturbation is null ? null : Kept(rollout.Perturbation),
            rollout.Features is not null));
        return rollout;
    }

    public void Dispose() => Records.ForEach(record => record.Dispose());

    private static Tensor Kept(Tensor tensor) => tensor.clone().DetachFromDisposeScope();

    internal sealed record Record(
        Condition Condition, Tensor Images, Tensor Context, Tensor Samples, Tensor Old, Tensor? Truth, Tensor? Support, Tensor? Perturbation, bool KeptFeatures) : IDisposable
    {
        public void Dispose()
        {
            Condition.Dispose();
            foreach (Tensor? tensor in new[] { Images, Context, Samples, Old, Truth, Support, Perturbation })
                tensor?.Dispose();
        }
    }
}
