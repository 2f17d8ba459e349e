using QuickStart.Models;
using QuickStart.Photographs;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Study.Rewards;

namespace VaPi.Study.Worlds;

/// <summary>
/// Crops of 32x32 pixels of the QuickStart's six photographs, with the tokenizer and the feature network that it ships. Those
/// were trained on the training region alone too, with the region that validates here held out.
/// </summary>
internal sealed class PhotographWorld : IWorld
{
    public const string WorldName = "photographs";

    /// <summary>The same world with a base that is as sure as it is right.</summary>
    public const string CalibratedName = "photographs-calibrated";

    private readonly TileCrops _evaluation;
    private readonly TileCrops _training;
    private readonly TileCrops _validation;
    private readonly LlamaGenTokenizer _tokenizer;

    /// <param name="isCalibrated">Whether the base is trained without label smoothing.</param>
    public PhotographWorld(bool isCalibrated = false)
    {
        (Name, LabelSmoothing) = isCalibrated ? (CalibratedName, 0) : (WorldName, WorldPolicies.LabelSmoothing);
        string assets = Path.Combine(AppContext.BaseDirectory, "Assets");
        ImageFolder folder = ImageFolder.Open(Path.Combine(assets, "photographs"), SmallModels.ImageSize);
        TileCrops Region(PhotoRegion region) => TileCrops.Open(folder, region, SmallModels.ImageSize);
        (_training, _validation, _evaluation) = (Region(PhotoRegion.Training), Region(PhotoRegion.Alignment), Region(PhotoRegion.Evaluation));
        _tokenizer = LlamaGenTokenizer.Load(Path.Combine(assets, "models", SmallModels.TokenizerFile), SmallModels.Tokenizer);
        Features = FeatureNetwork.Load(Path.Combine(assets, "models", SmallModels.FeaturesFile));
        OwnReward = new ClassReward(Features);
        Policy = WorldPolicies.Shape with { Classes = folder.Classes.Count };
    }

    public string Name { get; }

    public int PolicySteps => 1600;

    public double LabelSmoothing { get; }

    public IImageSource Training => _training;

    public IImageSource Validation => _validation;

    public IImageSource Evaluation => _evaluation;

    public IDifferentiableTokenizer Tokenizer => _tokenizer;

    public IRewardFunction OwnReward { get; }

    public FeatureNetwork Features { get; }

    public LlamaGenConfiguration Policy { get; }

    public ISampleVerifier? Verifier(IImageSource source) => null;

    public void Dispose()
    {
        Features.Dispose();
        _tokenizer.Dispose();
        _training.Dispose();
        _validation.Dispose();
        _evaluation.Dispose();
    }
}
