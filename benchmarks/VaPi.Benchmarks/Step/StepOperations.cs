using VaPi.Models.LlamaGen.Costs;

namespace VaPi.Benchmarks.Step;

/// <summary>The floating-point operations that each arrangement needs for a rollout, by the library's cost model.</summary>
/// <param name="Encode">Images to true tokens.</param>
/// <param name="Sample">The sampling forward.</param>
/// <param name="Score">Decoding and the reward.</param>
/// <param name="Reference">The frozen policy.</param>
/// <param name="Train">Forward and backward passes.</param>
internal sealed record StepOperations(double Encode, double Sample, double Score, double Reference, double Train)
{
    public double Total => Encode + Sample + Score + Reference + Train;

    public static StepOperations OfLibrary(StepModels models)
    {
        RolloutCost cost = models.Cost;
        return new(cost.Encode.Operations, cost.Sample.Operations, cost.Decode.Operations + cost.Score.Operations, cost.Reference?.Operations ?? 0, cost.Train.Operations);
    }

    /// <summary>Everything of the policy but the sampling forward is a sample's, and so are the target's features.</summary>
    public static StepOperations OfPublished(StepModels models)
    {
        StepOptions options = models.Options;
        double samples = (double)options.Images * options.GroupSize;
        double forward = PolicyOperations.Forward(models.PolicyConfiguration);
        double features = options.PixelsOnly ? 0 : 2 * LpipsNetwork.Operations(options.Side);
        return new(
            options.Images * (double)TokenizerOperations.Encode(models.TokenizerConfiguration),
            options.Images * forward,
            samples * (TokenizerOperations.Decode(models.TokenizerConfiguration) + features),
            options.Kl ? samples * forward : 0,
            samples * (forward + PolicyOperations.Backward(models.PolicyConfiguration)));
    }
}
