using QuickStart.Models;
using QuickStart.Photographs;
using QuickStart.Reporting;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace QuickStart.BaseTraining;

/// <summary>Trains the three small networks that the sample ships, on the photographs' training region alone.</summary>
internal static class BaseModels
{
    /// <summary>Writes the networks to a folder, each when it is trained.</summary>
    public static void Train(string models, int seed, PhotographSet photographs, RunPlan plan, RunProgress progress, IRunReport report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(models);
        manual_seed(seed);
        string At(string file) => Path.Combine(models, file);
        (TileCrops training, TileCrops heldOut) = (photographs[PhotoRegion.Training], photographs[PhotoRegion.Alignment]);
        int classes = photographs.Classes.Count;

        progress.Begin(plan.TrainFeatures);
        using (FeatureNetwork trained = FeatureTraining.Run(training, heldOut, classes, report.Note, progress.Advance, cancellationToken))
            trained.Save(At(SmallModels.FeaturesFile));

        // Each stage goes on from the shipped precision (float16), so that what is measured is what was trained.
        progress.Begin(plan.TrainTokenizer);
        using FeatureNetwork features = FeatureNetwork.Load(At(SmallModels.FeaturesFile));
        using (LlamaGenTokenizer trained = TokenizerTraining.Run(training, heldOut, features, report.Note, progress.Advance, cancellationToken))
            trained.Save(At(SmallModels.TokenizerFile), ScalarType.Float16);

        progress.Begin(plan.TrainPolicy);
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Load(At(SmallModels.TokenizerFile), SmallModels.Tokenizer);
        PolicyTraining.Run(
            training,
            heldOut,
            tokenizer,
            classes,
            report.Note,
            best => best.Save(At(SmallModels.PolicyFile), ScalarType.Float16),
            progress.Advance,
            cancellationToken);
    }
}
