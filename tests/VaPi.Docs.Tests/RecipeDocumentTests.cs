using System.Reflection;
using Documents;
using VaPi.Alignment;
using VaPi.Tests;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>The recipes of docs/recipes.md can be run, and what they call the defaults are those.</summary>
[Collection(AloneCollection.Name)]
public class RecipeDocumentTests
{
    [Fact]
    public void What_all_recipes_have_in_common_is_the_default()
    {
        AlignmentOptions published = RecipeSnippets.All()[0];

        foreach (PropertyInfo option in typeof(AlignmentOptions).GetProperties())
            Assert.Equal($"{option.GetValue(new AlignmentOptions())}", $"{option.GetValue(published)}");
    }

    [Fact]
    public void Every_recipe_makes_a_step()
    {
        foreach (AlignmentOptions recipe in RecipeSnippets.All())
        {
            using var world = new ToyWorld();
            using AlignmentTrainer trainer = world.Builder().WithOptions(recipe).Build();

            Assert.True(trainer.Step().GradientNorm > 0);
        }
    }
}
