using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.BaseTraining;
using VaPi.Study.Evidence;
using VaPi.Study.Tests.Support;
using VaPi.Study.Worlds;
using Xunit;

namespace VaPi.Study.Tests.Worlds;

/// <summary>The whole way, from nothing to results, as short as it can be.</summary>
public sealed class WorldStudyTests : IDisposable
{
    private static readonly TrainingBudget Budget = new() { FeatureSteps = 2, TokenizerSteps = 2, PolicySteps = 2, HeldOutImages = 8 };
    private static readonly EvidenceSizes Sizes = new() { Rollouts = 2, Samples = 40, HeldOutImages = 8 };

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Scenes_are_studied_from_nothing_and_again_from_what_is_there()
    {
        var reports = new List<string>();
        string networks = _root.At("networks");
        using (ShapeWorld world = ShapeWorld.Open(networks, Budget, reports.Add, CancellationToken.None))
        {
            EvidenceResult before = Study(world, networks, EvidenceArms.Base, reports);
            EvidenceResult after = Study(world, networks, EvidenceArms.Recipe with { LearningRates = [] }, reports);

            EvidenceResult bound = Study(world, networks, EvidenceArms.Tokenizer, reports);

            Assert.Equal([EvidenceMeasures.Frechet, EvidenceMeasures.Precision, EvidenceMeasures.Recall], bound.Measures.Keys.Where(name => !name.StartsWith(SceneSampleVerifier.Overall, StringComparison.Ordinal)));
            Assert.NotEqual(before.Measures[EvidenceMeasures.Frechet], bound.Measures[EvidenceMeasures.Frechet]);
            Assert.Equal((0, 0), (before.Rollouts, before.Images));
            Assert.Equal((2, 16), (after.Rollouts, after.Images));
            Assert.InRange(before.Measures[SceneSampleVerifier.Overall], 0, 1);
            Assert.NotEqual(before.Measures[EvidenceMeasures.NatsClean], after.Measures[EvidenceMeasures.NatsClean]);
            Assert.Contains(EvidenceMeasures.KlDivergence, after.Measures.Keys);
            Assert.All(after.Measures, measure => Assert.True(double.IsFinite(measure.Value), measure.Key));
        }

        int reported = reports.Count;
        Assert.True(reported > 0);
        using ShapeWorld again = ShapeWorld.Open(networks, Budget, reports.Add, CancellationToken.None);
        Study(again, networks, EvidenceArms.Base, reports);
        Assert.Equal(reported, reports.Count); // nothing was trained again
    }

    [Fact]
    public void The_learning_rate_is_the_one_that_did_best_on_validation_images()
    {
        using var world = new PhotographWorld();
        string networks = _root.At("networks");
        EvidenceArm arm = EvidenceArms.Recipe with { LearningRates = [0, 0.05] };
        EvidenceResult result = Study(world, networks, arm, []);

        var folder = new EvidenceFolder(_root.At("results"));
        double[] tried = [.. arm.LearningRates.Select(rate => EvidenceFolder.Read(folder.TrialPath(world.Name, arm, rate))!.Measures[EvidenceMeasures.Frechet])];
        Assert.NotEqual(tried[0], tried[1]);
        Assert.Equal(arm.LearningRates[tried[0] < tried[1] ? 0 : 1], result.LearningRate);

        // A setting goes with the recipe's choice.
        EvidenceArm setting = new("G", "2") { Recipe = new EvidenceRecipe { GroupSize = 2 }, LearningRateOf = arm };
        Assert.Equal(result.LearningRate, Study(world, networks, setting, []).LearningRate);
    }

    [Fact]
    public void Cross_entropy_is_the_same_whatever_the_reward()
    {
        EvidenceArm arm = EvidenceArms.All.Single(arm => arm.Value == "cross-entropy");
        using var world = new PhotographWorld();
        using Reward reward = Reward.MeanSquaredError();
        using LlamaGenPolicy one = LlamaGenPolicy.Create(world.Policy, seed: 1);
        using LlamaGenPolicy other = LlamaGenPolicy.Create(world.Policy, seed: 1);
        EvidenceRun Run(EvidenceArm of, Reward with) => new(world, with, of, 1, 3);

        using (var training = new BuiltTraining(Run(arm, reward), one))
            training.Step(CancellationToken.None);
        using Reward doubled = 7 * Reward.MeanAbsoluteError();
        using (var training = new BuiltTraining(Run(arm, doubled), other))
            training.Step(CancellationToken.None);
        foreach (((string name, var left), (_, var right)) in one.NamedParameters().Zip(other.NamedParameters()))
            Assert.True(left.equal(right).all().item<bool>(), name);
    }

    [Fact]
    public void Advantages_in_units_of_the_reward_weigh_the_same_whatever_its_size()
    {
        EvidenceArm arm = EvidenceArms.All.Single(arm => arm.Name == "advantage mean only");
        using var world = new PhotographWorld();
        using Reward reward = Reward.MeanSquaredError();
        using Reward larger = 8 * Reward.MeanSquaredError(); // a power of two rounds nothing
        using LlamaGenPolicy one = LlamaGenPolicy.Create(world.Policy, seed: 1);
        using LlamaGenPolicy other = LlamaGenPolicy.Create(world.Policy, seed: 1);
        double Deviation(Reward with, LlamaGenPolicy policy)
        {
            using var training = new BuiltTraining(new EvidenceRun(world, with, arm, 1, 3), policy);
            return training.Step(CancellationToken.None)!.Reward.GroupDeviation;
        }

        Assert.InRange(Deviation(reward, one), 0.5, 2); // as large as normalised ones
        Deviation(larger, other);
        foreach (((string name, var left), (_, var right)) in one.NamedParameters().Zip(other.NamedParameters()))
            Assert.True(left.equal(right).all().item<bool>(), name);
    }

    private EvidenceResult Study(IWorld world, string networks, EvidenceArm arm, List<string> reports)
    {
        using LlamaGenPolicy start = BasePolicy.Open(world, networks, Budget, reports.Add, CancellationToken.None);
        using Reward reward = Reward.MeanSquaredError() + Reward.FeatureDistance("features", world.Features);
        return new WorldStudy(world, reward, start, Sizes, new EvidenceFolder(_root.At("results"))).Get(arm, seed: 0, CancellationToken.None);
    }
}
