using VaPi.Study.Evidence;
using Xunit;

namespace VaPi.Study.Tests.Evidence;

public sealed class EvidencePlanTests
{
    [Fact]
    public void Names_and_folders_are_unique_and_the_folders_plain()
    {
        Assert.Distinct(EvidenceArms.All.Select(arm => arm.Name));
        Assert.Distinct(EvidenceArms.All.Select(arm => arm.Folder));
        Assert.All(EvidenceArms.All, arm => Assert.Matches("^[a-z0-9.-]+$", arm.Folder));
    }

    [Fact]
    public void All_arms_see_as_many_images_and_each_setting_is_tried_once()
    {
        Assert.Single(EvidenceArms.All.Select(arm => arm.Recipe.ImagesPerRollout).Distinct());

        // With the recipe's own, at least the values asked for.
        double[] Values(string factor, Func<EvidenceRecipe, double> of) =>
            [.. EvidenceArms.All.Where(arm => arm.Factor == factor || arm == EvidenceArms.Recipe).Select(arm => of(arm.Recipe)).Order()];
        Assert.Equal([0, 0.1, 0.25, 0.5, 0.75, 1], Values("ξ", recipe => recipe.ContextNoise));
        Assert.Equal([0, 0.1, 1], Values("β", recipe => recipe.PriorWeight));
        Assert.Equal([2, 4, 8, 16, 64], Values("G", recipe => recipe.GroupSize));
    }

    [Fact]
    public void Settings_share_the_recipes_learning_rate_and_alternatives_choose_their_own()
    {
        Assert.All(EvidenceArms.All.Where(arm => arm.Factor is "ξ" or "β" or "G" or "credit"), arm => Assert.Same(EvidenceArms.Recipe, arm.LearningRateOf));
        Assert.All(EvidenceArms.All.Where(arm => arm is { Factor: "alternative" or "advantage", IsTrained: true, Temperature: 1 }), arm => Assert.True(arm.LearningRates.Count > 1 && arm.LearningRateOf is null));
    }

    [Fact]
    public void A_temperature_changes_the_samples_and_not_the_training()
    {
        EvidenceArm[] cooler = [.. EvidenceArms.All.Where(arm => arm is { IsTrained: true, Temperature: < 1 })];
        Assert.Equal(["VA-π", "alternative cross-entropy"], cooler.Select(arm => arm.LearningRateOf!.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.All(cooler, arm => Assert.Equal(arm.LearningRateOf!.Recipe, arm.Recipe));
        Assert.All(cooler, arm => Assert.Same(arm.LearningRateOf!.Compose, arm.Compose));
    }

    [Fact]
    public void Straight_through_estimation_is_the_published_one()
    {
        EvidenceRecipe published = EvidenceArms.All.Single(arm => arm.Value == "straight-through").Recipe;
        Assert.Equal(EvidenceArms.Recipe.Recipe with { ContextNoise = 0, GroupSize = 1 }, published);
        Assert.True(published.PriorWeight > 0);
    }

    [Fact]
    public void Every_run_is_made_by_one_process_and_seeds_come_one_after_the_other()
    {
        (EvidenceArm Arm, int Seed)[] all = [.. EvidencePlan.Runs(EvidenceArms.All, [0, 1, 2])];
        (EvidenceArm Arm, int Seed)[] shared = [.. Enumerable.Range(1, 3).SelectMany(part => EvidencePlan.Runs(EvidenceArms.All, [0, 1, 2], part, 3))];
        Assert.Equal(3 * EvidenceArms.All.Count, all.Length);
        Assert.Equal(all.OrderBy(run => (run.Arm.Name, run.Seed)), shared.OrderBy(run => (run.Arm.Name, run.Seed)));
        Assert.Equal(all.Select(run => run.Seed).Order(), all.Select(run => run.Seed));
        Assert.Equal(EvidenceArms.Base, all[0].Arm);
        Assert.Equal(EvidenceArms.Recipe, all[1].Arm);
    }
}
