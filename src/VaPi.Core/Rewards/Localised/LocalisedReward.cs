using TorchSharp;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>
/// Gives a reward one value a token position: a token answers for the places near it, since the samples of a group are drawn
/// position by position from the same distributions, and a decoder carries a token's effect not far.
/// </summary>
internal sealed class LocalisedReward : Reward
{
    private readonly int _neighbourhood;
    private readonly ILocalReward _reward;
    private readonly double _wholeImage;

    /// <param name="reward">The reward; taken over.</param>
    /// <param name="neighbourhood">r ≥ 0, in cells of the token grid.</param>
    /// <param name="wholeImage">The share at which the rest of the image counts, in [0, 1].</param>
    public LocalisedReward(ILocalReward reward, int neighbourhood, double wholeImage)
    {
        _reward = reward;
        _neighbourhood = neighbourhood;
        _wholeImage = wholeImage;
    }

    public override string Name => _reward.Name;

    public override Device? Device => _reward.Device;

    public override RewardInputs Inputs => _reward.Inputs | RewardInputs.Tokens;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(
        this, _reward.PrepareLocal(targets, condition) ?? throw new RewardException(Name, "its PrepareLocal returned null instead of a scorer."));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            (_reward as IDisposable)?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Positions(RewardMaps scored, RewardChunk chunk)
    {
        TokenStage line = chunk.Layout.Stages.FirstOrDefault(stage => stage.Count > 1 && (stage.Height == 1 || stage.Width == 1));
        if (line.Count > 1)
        {
            throw new RewardException(
                Name, $"it is localised, but the tokenizer's layout is {chunk.Layout}: the {line.Count} tokens from number {line.Start} on lie on no grid over the image. Use the reward without Localised.");
        }

        return LocalCredit.Positions(scored.Maps, chunk.Layout, _neighbourhood, _wholeImage);
    }

    private void Check(RewardMaps? scored, int samples)
    {
        if (scored is null)
            throw new RewardException(Name, "its local scorer returned null instead of RewardMaps.");
        if (scored.Maps.FirstOrDefault(map => map.dim() != 3 || map.shape[0] != samples || map.numel() == 0 || !map.is_floating_point()) is { } wrong)
        {
            throw new RewardException(
                Name, $"it was given {samples} samples and returned a map of shape ({string.Join(", ", wrong.shape)}) and type {wrong.dtype}; it must be ({samples}, h, w) of a floating-point type.");
        }
    }

    private sealed class Scorer(LocalisedReward reward, ILocalRewardScorer scorer) : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            using RewardMaps scored = scorer.Score(chunk);
            reward.Check(scored, chunk.SampleCount);
            Tensor values = scored.Maps.Select(map => map.mean([1, 2])).Aggregate((sum, term) => sum + term); // (N)
            Tensor positions = reward.Positions(scored, chunk); // (N, T)
            return new RewardBatch(values, new Dictionary<string, Tensor> { [reward.Name] = values.alias() }, positions);
        }

        public void Dispose() => scorer.Dispose();
    }
}
