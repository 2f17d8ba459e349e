using QuickStart.Models;
using VaPi.Models.LlamaGen;
using VaPi.Study.BaseTraining;
using VaPi.Study.Rewards;
using VaPi.Study.Shapes;

namespace VaPi.Study.Worlds;

/// <summary>Captioned scenes of shapes, 64x64 pixels, with a verifier that reads samples back.</summary>
internal sealed class ShapeWorld : IWorld
{
    public const string WorldName = "shapes";

    private const string FeaturesFile = "features.safetensors";
    private const string TokenizerFile = "tokenizer.safetensors";

    private readonly PatchTokenizer _tokenizer;

    private ShapeWorld(FeatureNetwork features, PatchTokenizer tokenizer) => (Features, _tokenizer) = (features, tokenizer);

    public string Name => WorldName;

    public IImageSource Training { get; } = new ShapeScenes(SceneRegion.Training);

    public IImageSource Validation { get; } = new ShapeScenes(SceneRegion.Validation);

    public IImageSource Evaluation { get; } = new ShapeScenes(SceneRegion.Evaluation);

    public IDifferentiableTokenizer Tokenizer => _tokenizer;

    public IRewardFunction OwnReward { get; } = new SceneReward();

    public FeatureNetwork Features { get; }

    public LlamaGenConfiguration Policy { get; } = WorldPolicies.Shape.WithCaptions(CaptionTable.Places, CaptionTable.Width);

    public int PolicySteps => 4000;

    public double LabelSmoothing => WorldPolicies.LabelSmoothing;

    /// <summary>Loads the world's networks from a folder, and trains those that it lacks.</summary>
    /// <param name="folder">Of this world's networks.</param>
    /// <param name="budget">How long training may take.</param>
    /// <param name="report">Told how training goes.</param>
    /// <param name="cancellationToken">Stops between steps; a network that is not done is trained again.</param>
    public static ShapeWorld Open(string folder, TrainingBudget budget, Action<string> report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string At(string file) => Path.Combine(folder, file);
        if (!File.Exists(At(FeaturesFile)))
        {
            using FeatureNetwork trained = SceneFeatureTraining.Run(budget.FeatureSteps, report, cancellationToken);
            trained.Save(At(FeaturesFile));
        }

        FeatureNetwork features = FeatureNetwork.Load(At(FeaturesFile));
        try
        {
            if (!File.Exists(At(TokenizerFile)))
            {
                using PatchTokenizer trained = PatchTokenizerTraining.Run(features, budget.TokenizerSteps, report, cancellationToken);
                trained.Save(At(TokenizerFile));
            }

            return new ShapeWorld(features, PatchTokenizer.Load(At(TokenizerFile)));
        }
        catch
        {
            features.Dispose();
            throw;
        }
    }

    public ISampleVerifier? Verifier(IImageSource source) => new SceneSampleVerifier((ShapeScenes)source);

    public void Dispose()
    {
        Features.Dispose();
        _tokenizer.Dispose();
    }
}
