using VaPi.Documents;
using VaPi.Study.Evidence;
using VaPi.Study.Studies;
using Xunit;

namespace VaPi.Study.Tests.Evidence;

/// <summary>What docs/study.md says is what docs/measurements holds.</summary>
public sealed class StudyPageTests
{
    private static readonly IReadOnlyList<EvidenceResult> Results = EvidenceFile.Read(Path.Combine(AppContext.BaseDirectory, EvidenceFile.Name));

    [Fact]
    public void The_tables_are_those_of_the_measurements()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "study.md")).ReplaceLineEndings("\n");
        Assert.Equal(DocumentTables.Filled(page, EvidenceDocument.Tables(Results)), page);
    }

    [Fact]
    public void Every_arm_was_run_as_it_is_now_with_every_seed()
    {
        foreach (string world in EvidenceStudy.Worlds)
        {
            foreach (EvidenceArm arm in EvidenceStudy.ArmsOf(world, EvidenceArms.All))
            {
                EvidenceResult[] runs = [.. Results.Where(result => result.World == world && result.Arm == arm.Name)];
                Assert.Equal([0, 1, 2], runs.Select(run => run.Seed).Order());
                Assert.All(runs, run => Assert.Equal(arm.Recipe, run.Recipe! with { LearningRate = arm.Recipe.LearningRate }));
                Assert.Single(runs.Select(run => run.LearningRate).Distinct());
            }
        }
    }

    [Fact]
    public void Settings_have_the_learning_rate_that_the_recipe_chose()
    {
        foreach (string world in EvidenceStudy.Worlds)
        {
            double chosen = Rate(world, EvidenceArms.Recipe);
            Assert.Contains(chosen, EvidenceArms.Recipe.LearningRates);
            foreach (EvidenceArm arm in EvidenceStudy.ArmsOf(world, EvidenceArms.All).Where(arm => arm.LearningRateOf == EvidenceArms.Recipe))
                Assert.Equal(chosen, Rate(world, arm));
        }
    }

    [Fact]
    public void All_runs_that_train_for_as_long_see_as_many_images() =>
        Assert.Single(Results.Where(result => result.Rollouts == new EvidenceSizes().Rollouts).Select(result => result.Images).Distinct());

    private static double Rate(string world, EvidenceArm arm) => Results.First(result => result.World == world && result.Arm == arm.Name).LearningRate;
}
