using QuickStart.Models;
using VaPi.Models.LlamaGen;

namespace VaPi.Study.Worlds;

/// <summary>Images to study in, their frozen tokenizer and feature network, and the shape of the policies. Owns all of them.</summary>
internal interface IWorld : IDisposable
{
    /// <summary>Names its folders, and its part of a report.</summary>
    string Name { get; }

    /// <summary>What networks are trained and aligned on.</summary>
    IImageSource Training { get; }

    /// <summary>What decides when training ends and which learning rate is best; nothing is trained on it.</summary>
    IImageSource Validation { get; }

    /// <summary>What results are measured on; nothing is trained on it or decided by it.</summary>
    IImageSource Evaluation { get; }

    IDifferentiableTokenizer Tokenizer { get; }

    /// <summary>What a sample is worth by itself, without an original to compare it with: for rollouts that run freely.</summary>
    IRewardFunction OwnReward { get; }

    /// <summary>Its layers give the perceptual reward, the last the Frechet distance.</summary>
    FeatureNetwork Features { get; }

    LlamaGenConfiguration Policy { get; }

    /// <summary>The most steps that the base policy is trained for; held-out likelihood has stopped rising by then.</summary>
    int PolicySteps { get; }

    /// <summary>
    /// The share of probability that the base policy's training spreads over all tokens, 0 to 1. Above 0 likely tokens come out
    /// less likely than they are, so that samples at temperature 1 err more than the policy needs to; as those of the large
    /// generators do, which are sampled with guidance for that reason. At 0 a policy is as sure as it is right.
    /// </summary>
    double LabelSmoothing { get; }

    /// <summary>Reads samples back; null where the world has no exact verifier.</summary>
    /// <param name="source">What the draws are of: the images whose conditions the samples were made for.</param>
    ISampleVerifier? Verifier(IImageSource source);
}
