using QuickStart.Measuring;
using QuickStart.Models;
using QuickStart.Photographs;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;

namespace VaPi.Study;

/// <summary>The QuickStart's photographs and networks.</summary>
internal sealed class StudyWorld : IDisposable
{
    private readonly string _models = Path.Combine(AppContext.BaseDirectory, "Assets", "models");

    public StudyWorld()
    {
        ImageFolder folder = ImageFolder.Open(Path.Combine(AppContext.BaseDirectory, "Assets", "photographs"), SmallModels.ImageSize);
        AlignmentCrops = TileCrops.Open(folder, PhotoRegion.Alignment, SmallModels.ImageSize);
        EvaluationCrops = TileCrops.Open(folder, PhotoRegion.Evaluation, SmallModels.ImageSize);
        Tokenizer = LlamaGenTokenizer.Load(Path.Combine(_models, SmallModels.TokenizerFile), SmallModels.Tokenizer);
        Features = FeatureNetwork.Load(Path.Combine(_models, SmallModels.FeaturesFile));
        Reward = Reward.MeanSquaredError() + Reward.FeatureDistance("features", Features);
    }

    public TileCrops AlignmentCrops { get; }

    public TileCrops EvaluationCrops { get; }

    public LlamaGenTokenizer Tokenizer { get; }

    public FeatureNetwork Features { get; }

    /// <summary>The reward that alignment maximises in the QuickStart.</summary>
    public Reward Reward { get; }

    /// <summary>The policy as it comes. Belongs to the caller.</summary>
    public LlamaGenPolicy Policy() => LlamaGenPolicy.Load(Path.Combine(_models, SmallModels.PolicyFile), SmallModels.Policy(Features.Classes));

    /// <summary>The QuickStart's measure of a policy. Belongs to the caller.</summary>
    public Evaluator Evaluator(int seed) => new(EvaluationCrops, Tokenizer, Features, Reward, seed);

    public void Dispose()
    {
        Reward.Dispose();
        Features.Dispose();
        Tokenizer.Dispose();
        AlignmentCrops.Dispose();
        EvaluationCrops.Dispose();
    }
}
