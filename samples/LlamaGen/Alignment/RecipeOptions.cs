using System.Globalization;
using VaPi.Alignment;
using static System.FormattableString;

namespace LlamaGen.Alignment;

/// <summary>The options that override a recipe.</summary>
internal static class RecipeOptions
{
    private const int Most = 1_000_000;

    public static IReadOnlyList<CommandLineOption<Recipe>> Known { get; } =
    [
        Count("--rollouts", recipe => recipe.Rollouts, (recipe, value) => recipe with { Rollouts = value }, "rollouts"),
        Count("--images-per-rollout", recipe => recipe.ImagesPerRollout, (recipe, value) => recipe with { ImagesPerRollout = value }, "B, images of a rollout"),
        new("--group-size", "N", Described("G, samples of each image, 2 or more", recipe => recipe.GroupSize), (recipe, value) => recipe with { GroupSize = value.Number(2, Most) }),
        Count("--images-per-minibatch", recipe => recipe.ImagesPerMinibatch, (recipe, value) => recipe with { ImagesPerMinibatch = value }, "images of one forward and backward pass: more are faster and need more memory"),
        new("--minibatches-per-update", "N", "minibatches averaged into an update (default: all of a rollout)", (recipe, value) => recipe with { MinibatchesPerUpdate = value.Number(1, Most) }),
        Count("--passes", recipe => recipe.PassesPerRollout, (recipe, value) => recipe with { PassesPerRollout = value }, "times that a rollout's samples are gone through"),
        new("--mode", "NAME", Described("where dropout is drawn: training, evaluation (nowhere) or twice (for the prior only)", recipe => recipe.Mode.ToString().ToLowerInvariant()), (recipe, value) => recipe with { Mode = Enum.Parse<AlignmentMode>(value.OneOf(Enum.GetNames<AlignmentMode>())) }),
        Number("--learning-rate", recipe => recipe.LearningRate, (recipe, value) => recipe with { LearningRate = value }, "AdamW's learning rate", 1),
        Number("--context-noise", recipe => recipe.ContextNoise, (recipe, value) => recipe with { ContextNoise = value }, "share of the prefix's tokens that are replaced", 1),
        Number("--prior-weight", recipe => recipe.PriorWeight, (recipe, value) => recipe with { PriorWeight = value }, "weight of the cross-entropy of the true tokens"),
        Number("--kl-weight", recipe => recipe.KlWeight, (recipe, value) => recipe with { KlWeight = value }, "weight of the KL divergence to the starting policy, of which a copy is kept above 0"),
        Number("--clip", recipe => recipe.Clip, (recipe, value) => recipe with { Clip = value }, "ratios are clipped to 1 plus and minus this", 1),
        Number("--advantage-clip", recipe => recipe.AdvantageClip, (recipe, value) => recipe with { AdvantageClip = value }, "advantages are clamped to plus and minus this"),
        Number("--temperature", recipe => recipe.Temperature, (recipe, value) => recipe with { Temperature = value }, "logits are divided by it"),
        new("--top-k", "K", Described("sample among the K likeliest tokens; 0 for all", recipe => recipe.TopK), (recipe, value) => recipe with { TopK = value.Number(0, Most) }),
        Number("--top-p", recipe => recipe.TopP, (recipe, value) => recipe with { TopP = value }, "sample among the likeliest tokens that hold this probability; 1 for all", 1),
        Number("--weight-decay", recipe => recipe.WeightDecay, (recipe, value) => recipe with { WeightDecay = value }, "AdamW's weight decay"),
        Number("--beta1", recipe => recipe.Beta1, (recipe, value) => recipe with { Beta1 = value }, "AdamW's decay of the first moment", 1),
        Number("--beta2", recipe => recipe.Beta2, (recipe, value) => recipe with { Beta2 = value }, "AdamW's decay of the second moment", 1),
        Number("--epsilon", recipe => recipe.Epsilon, (recipe, value) => recipe with { Epsilon = value }, "AdamW's epsilon"),
        Number("--gradient-clip", recipe => recipe.MaximumGradientNorm, (recipe, value) => recipe with { MaximumGradientNorm = value }, "the gradient's norm is clipped to this"),
        Number("--reconstruction-weight", recipe => recipe.ReconstructionWeight, (recipe, value) => recipe with { ReconstructionWeight = value }, "weight of the squared or absolute error in the reward"),
        Number("--perceptual-weight", recipe => recipe.PerceptualWeight, (recipe, value) => recipe with { PerceptualWeight = value }, "weight of LPIPS in the reward"),
        Count("--samples-per-decode", recipe => recipe.SamplesPerDecode, (recipe, value) => recipe with { SamplesPerDecode = value }, "samples decoded and scored at a time: more are faster and need more memory"),
        new("--seed", "N", Described("decides everything random", recipe => recipe.Seed), (recipe, value) => recipe with { Seed = value.Number(0, int.MaxValue) }),
    ];

    private static CommandLineOption<Recipe> Count(string name, Func<Recipe, int> get, Func<Recipe, int, Recipe> set, string description) =>
        new(name, "N", Described(description, recipe => get(recipe)), (recipe, value) => set(recipe, value.Number(1, Most)));

    private static CommandLineOption<Recipe> Number(
        string name, Func<Recipe, double> get, Func<Recipe, double, Recipe> set, string description, double highest = double.PositiveInfinity) =>
        new(name, "X", Described(description, recipe => get(recipe)), (recipe, value) => set(recipe, value.Decimal(0, highest)));

    // One default where the recipes agree, each one's where they do not.
    private static string Described(string description, Func<Recipe, object> get)
    {
        string[] defaults = [.. Recipes.All.Select(recipe => Convert.ToString(get(recipe), CultureInfo.InvariantCulture)!)];
        return defaults.Distinct().Count() == 1
            ? $"{description} (default: {defaults[0]})"
            : $"{description} (default: {string.Join(", ", Recipes.All.Select((recipe, index) => Invariant($"{defaults[index]} in {recipe.Name}")))})";
    }
}
