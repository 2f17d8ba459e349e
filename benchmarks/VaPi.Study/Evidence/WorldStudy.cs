using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.Worlds;

namespace VaPi.Study.Evidence;

/// <summary>The runs of one world, made where they are not there already.</summary>
internal sealed class WorldStudy(IWorld world, Reward reward, LlamaGenPolicy start, EvidenceSizes sizes, EvidenceFolder folder)
{
    /// <summary>Learning rates are tried with this seed, which is meant for no result.</summary>
    public const int TrialSeed = 100;

    /// <summary>The result of an arm with a seed, at the learning rate that did best on the validation images.</summary>
    public EvidenceResult Get(EvidenceArm arm, int seed, CancellationToken cancellationToken) =>
        EvidenceFolder.Get(folder.ResultPath(world.Name, arm, seed), arm, () => Measure(AtBestRate(arm, cancellationToken), seed, world.Evaluation, cancellationToken));

    private EvidenceArm AtBestRate(EvidenceArm arm, CancellationToken cancellationToken)
    {
        EvidenceArm tuned = arm.LearningRateOf ?? arm;
        if (tuned.LearningRates.Count == 0)
            return AtRate(arm, tuned.Recipe.LearningRate);
        double best = tuned.LearningRates.MinBy(rate =>
        {
            EvidenceResult tried = EvidenceFolder.Get(
                folder.TrialPath(world.Name, tuned, rate), tuned, () => Measure(AtRate(tuned, rate), TrialSeed, world.Validation, cancellationToken));
            double distance = tried.Measures[EvidenceMeasures.Frechet];
            return double.IsFinite(distance) ? distance : double.PositiveInfinity; // MinBy takes NaN for the smallest
        });
        return AtRate(arm, best);
    }

    private EvidenceResult Measure(EvidenceArm arm, int seed, IImageSource images, CancellationToken cancellationToken)
    {
        using var evaluator = new WorldEvaluator(world, reward, images, sizes, seed);
        return new EvidenceRun(world, reward, arm, arm.Rollouts ?? sizes.Rollouts, seed).Measure(start, evaluator, cancellationToken);
    }

    private static EvidenceArm AtRate(EvidenceArm arm, double rate) => arm with { Recipe = arm.Recipe with { LearningRate = rate } };
}
