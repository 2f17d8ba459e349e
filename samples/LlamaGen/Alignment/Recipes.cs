namespace LlamaGen.Alignment;

/// <summary>The published recipes for LlamaGen by name.</summary>
internal static class Recipes
{
    public static IReadOnlyList<Recipe> All { get; } =
    [
        // The paper's ξ of 0.5; the published script leaves it off.
        new Recipe { Name = "c2i-xxl-384", PublishedFor = "class-conditional GPT-XXL with VQ-16 at 384 pixels", ImageSize = 384, Rollouts = 100 },

        // The published script names a KL weight of 0.01 whose switch is not set, so none is in effect.
        new Recipe { Name = "t2i-xl-256", PublishedFor = "text-conditional GPT-XL, stage 1, with VQ-16 at 256 pixels", ImageSize = 256, Rollouts = 200, Captions = true },
    ];

    public static Recipe Named(string name) => All.First(recipe => recipe.Name == name);
}
