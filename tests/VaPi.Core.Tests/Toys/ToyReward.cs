using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>A reward that is whatever function a test gives it; it counts the chunks it scored.</summary>
internal sealed class ToyReward(Func<RewardChunk, Tensor?, RewardBatch?> score, string name = "toy", RewardInputs inputs = RewardInputs.Targets, Device? device = null) : Reward
{
    public int Scored { get; private set; }

    public int Prepared { get; private set; }

    public int ScorersAlive { get; private set; }

    public override string Name => name;

    public override Device? Device => device;

    public override RewardInputs Inputs => inputs;

    /// <summary>The same value for every sample.</summary>
    public static ToyReward Constant(double value, string name = "toy") =>
        new((chunk, _) => new RewardBatch(full([chunk.SampleCount], value)), name);

    /// <summary>Minus the mean square error, after an action.</summary>
    public static ToyReward Error(Action<int> before, string name = "toy")
    {
        ToyReward? made = null;
        made = new ToyReward(
            (chunk, targets) =>
            {
                before(made!.Scored);
                return new RewardBatch(PixelError(chunk, targets!));
            },
            name);
        return made;
    }

    public static Tensor PixelError(RewardChunk chunk, Tensor targets)
    {
        Tensor own = targets.narrow(0, chunk.FirstImage, chunk.ImageCount).repeat_interleave(chunk.SamplesPerImage, 0);
        return (chunk.Samples - own).square().flatten(1).mean([1]).neg();
    }

    public override IRewardScorer Prepare(Tensor? targets, Condition condition)
    {
        Prepared++;
        ScorersAlive++;
        return new Scorer(this, targets);
    }

    private sealed class Scorer(ToyReward owner, Tensor? targets) : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            owner.Scored++;
            return owner.Evaluate(chunk, targets)!;
        }

        public void Dispose() => owner.ScorersAlive--;
    }

    private RewardBatch? Evaluate(RewardChunk chunk, Tensor? targets) => score(chunk, targets);
}
