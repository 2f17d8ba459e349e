using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Minus the distance in the feature maps of a network that the caller brought.</summary>
internal sealed class FeatureDistanceReward : Reward, ILocalReward
{
    private readonly IFeatureExtractor _extractor;

    public FeatureDistanceReward(string name, IFeatureExtractor extractor)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(extractor);
        Name = name;
        _extractor = extractor;
    }

    public override string Name { get; }

    public override RewardInputs Inputs => RewardInputs.Targets;

    public override bool IsDifferentiable => true;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => Scorer(targets);

    public ILocalRewardScorer PrepareLocal(Tensor? targets, Condition condition) => Scorer(targets);

    private PerceptualScorer Scorer(Tensor? targets) =>
        new(Name, Required(targets), _extractor.Extract, weights: null);
}
