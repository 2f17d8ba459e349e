using LlamaGen.Alignment;
using LlamaGen.Models;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using Xunit;

namespace LlamaGen.Tests.Alignment;

public sealed class RecipeTests
{
    private static readonly string[] Tiny = ["--random-weights", "tiny", "--reward", "mse", "--images", "images"];

    [Theory]
    [InlineData("c2i-xxl-384", 384, 100, false)]
    [InlineData("t2i-xl-256", 256, 200, true)]
    public void Recipes_are_the_published_ones(string name, int imageSize, int rollouts, bool captions)
    {
        Recipe recipe = Recipes.Named(name);
        AlignmentOptions options = recipe.ToOptions();

        Assert.Equal((imageSize, rollouts, captions), (recipe.ImageSize, recipe.Rollouts, recipe.Captions));
        Assert.Equal((16, 8), (options.ImagesPerRollout, options.GroupSize));
        Assert.Equal((8, 16), (options.ImagesPerMinibatch * options.GroupSize, options.ImagesPerRollout / options.ImagesPerMinibatch));
        Assert.Equal((1e-6, 1e-6), options.LearningRate.Range);
        Assert.Equal((0.5, 0.5), options.ContextNoise.Range);
        Assert.Equal((0.0, 0.1, 1.0, 0, 1.0), (options.KlWeight, options.PriorWeight, options.Temperature, options.TopK, options.TopP));
        Assert.Equal((0.2, 0.2, 5.0, 1.0), (options.ClipLow, options.ClipHigh, options.AdvantageClip, options.MaximumGradientNorm));
        Assert.Equal((1e-4, 0.9, 0.999, 1e-8), (options.WeightDecay, options.Beta1, options.Beta2, options.Epsilon));
        Assert.Equal((1.0, 1.0), (recipe.ReconstructionWeight, recipe.PerceptualWeight));
        Assert.Equal((AlignmentMode.Training, 1), (options.Mode, options.PassesPerRollout));
        Assert.Null(options.MinibatchesPerUpdate); // one update a rollout
    }

    [Fact]
    public void Options_override_the_recipe_wherever_its_name_stands()
    {
        AlignOptions options = AlignOptions.Parse(
            ["--random-weights", "tiny", "--reward", "mse", "--learning-rate", "1e-5", "--mode", "evaluation", "--recipe", "t2i-xl-256", "--rollouts=7", "--captions", "a.jsonl", "--features", "features"]);

        Assert.Equal(("t2i-xl-256", 1e-5, AlignmentMode.Evaluation, 7), (options.Recipe.Name, options.Recipe.LearningRate, options.Recipe.Mode, options.Recipe.Rollouts));
    }

    [Fact]
    public void Every_number_of_a_recipe_can_be_overridden()
    {
        List<string> unchanged = [];
        foreach (CommandLineOption<Recipe> option in RecipeOptions.Known)
        {
            Recipe start = Recipes.All[0];
            Recipe changed = option.Apply(start, new CommandLineValue(option.Name, option.Name == "--mode" ? "twice" : option.ValueName == "X" ? "0.25" : "3"));
            if (changed == start)
                unchanged.Add(option.Name);
        }

        Assert.Empty(unchanged);
        Assert.Equal(typeof(Recipe).GetProperties().Length - 4, RecipeOptions.Known.Count); // all but its name, what for, captions and image size
    }

    [Fact]
    public void Fewer_images_than_a_minibatch_are_one_minibatch() =>
        Assert.Equal(2, AlignOptions.Parse([.. Tiny, "--images-per-minibatch", "8", "--images-per-rollout", "2"]).Recipe.ToOptions().ImagesPerMinibatch);

    [Fact]
    public void Time_is_extrapolated_by_images_samples_and_updates()
    {
        var seconds = new PhaseSeconds(Data: 1, Encode: 2, Sample: 3, Score: 5, Train: 7, Update: 11, Total: 29);
        Recipe recipe = Recipes.All[0] with { ImagesPerRollout = 4, GroupSize = 6, ImagesPerMinibatch = 1, MinibatchesPerUpdate = 2, PassesPerRollout = 2 };
        RolloutCost measured = Cost(recipe with { ImagesPerRollout = 1, GroupSize = 2, MinibatchesPerUpdate = null, PassesPerRollout = 1 });

        // Four times the images, twelve times the samples, and two passes of four minibatches with two updates.
        Assert.Equal(4 * (1 + 2 + 3) + 12 * 5 + 2 * (4 * 7 + 2 * 11), StepTime.Extrapolate(seconds, measured, Cost(recipe)), 1e-9);
    }

    [Fact]
    public void A_forward_pass_that_the_measured_rollout_kept_is_extrapolated_too()
    {
        var seconds = new PhaseSeconds(Data: 0, Encode: 0, Sample: 0, Score: 0, Train: 2, Update: 0, Total: 2);
        Recipe recipe = Recipes.All[0] with { ImagesPerRollout = 4, GroupSize = 2, ImagesPerMinibatch = 1, Mode = AlignmentMode.Evaluation };

        // One backward pass, which is two forward passes, was measured; of both there are four in the run.
        Assert.Equal(4 * 3, StepTime.Extrapolate(seconds, Cost(recipe with { ImagesPerRollout = 1 }), Cost(recipe)), 1e-9);
    }

    private static RolloutCost Cost(Recipe recipe) =>
        RolloutCost.Of(ModelSizes.Policy("B", gridSize: 16), LlamaGenTokenizerConfiguration.Vq16(256), recipe.ToOptions());
}
