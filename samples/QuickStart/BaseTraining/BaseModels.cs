using QuickStart.Models;
using QuickStart.Photographs;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace QuickStart.BaseTraining;

/// <summary>Trains the three small networks that the sample ships, on the photographs' training region alone.</summary>
internal static class BaseModels
{
    private const int TokenizerSteps = 2500;
    private const int PolicySteps = 200;

    public static void Train(QuickStartOptions options)
    {
        Directory.CreateDirectory(options.Models);
        manual_seed(options.Seed);
        string At(string file) => Path.Combine(options.Models, file);
        ImageFolder folder = ImageFolder.Open(options.Images, SmallModels.ImageSize);
        using TileCrops training = TileCrops.Open(folder, PhotoRegion.Training, SmallModels.ImageSize);
        using TileCrops heldOut = TileCrops.Open(folder, PhotoRegion.Alignment, SmallModels.ImageSize);
        using (FeatureNetwork trained = FeatureTraining.Run(training, heldOut, folder.Classes.Count, Console.WriteLine))
            trained.Save(At(SmallModels.FeaturesFile));

        // Each stage goes on from the shipped precision (float16), so that what is measured is what was trained.
        using FeatureNetwork features = FeatureNetwork.Load(At(SmallModels.FeaturesFile));
        using (LlamaGenTokenizer trained = TokenizerTraining.Run(training, heldOut, features, TokenizerSteps, Console.WriteLine))
            trained.Save(At(SmallModels.TokenizerFile), ScalarType.Float16);

        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Load(At(SmallModels.TokenizerFile), SmallModels.Tokenizer);
        PolicyTraining.Run(
            training, heldOut, tokenizer, folder.Classes.Count, PolicySteps, Console.WriteLine, best => best.Save(At(SmallModels.PolicyFile), ScalarType.Float16));
    }
}
