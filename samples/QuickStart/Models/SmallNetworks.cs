using VaPi.Models.LlamaGen;

namespace QuickStart.Models;

/// <summary>The frozen tokenizer and feature network, and the policy that will be aligned.</summary>
internal sealed class SmallNetworks : IDisposable
{
    private SmallNetworks(LlamaGenTokenizer tokenizer, FeatureNetwork features, LlamaGenPolicy policy) =>
        (Tokenizer, Features, Policy) = (tokenizer, features, policy);

    public LlamaGenTokenizer Tokenizer { get; }

    public FeatureNetwork Features { get; }

    public LlamaGenPolicy Policy { get; }

    /// <exception cref="VaPi.Checkpoints.CheckpointException">A file is missing or holds something else.</exception>
    /// <exception cref="InvalidDataException">The networks do not know so many classes.</exception>
    public static SmallNetworks Load(string folder, int classes)
    {
        string At(string file) => Path.Combine(folder, file);
        FeatureNetwork features = FeatureNetwork.Load(At(SmallModels.FeaturesFile));
        if (classes > features.Classes)
        {
            int known = features.Classes;
            features.Dispose();
            throw new InvalidDataException(
                $"There are {classes} class folders, but the networks in '{folder}' know {known} classes. Use fewer folders, or train networks of your own with --train-base --models DIR.");
        }

        return new SmallNetworks(
            LlamaGenTokenizer.Load(At(SmallModels.TokenizerFile), SmallModels.Tokenizer),
            features,
            LlamaGenPolicy.Load(At(SmallModels.PolicyFile), SmallModels.Policy(features.Classes)));
    }

    public void Dispose()
    {
        Tokenizer.Dispose();
        Features.Dispose();
        Policy.Dispose();
    }
}
