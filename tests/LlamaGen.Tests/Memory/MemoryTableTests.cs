using System.Globalization;
using System.Runtime.CompilerServices;
using LlamaGen.Alignment;
using LlamaGen.Models;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using Xunit;

namespace LlamaGen.Tests.Memory;

/// <summary>The table in docs/llamagen.md says what the program computes.</summary>
public sealed class MemoryTableTests
{
    [Fact]
    public void The_documents_table_is_what_the_program_computes()
    {
        string document = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/llamagen.md")).ReplaceLineEndings("\n");

        string rows = string.Join('\n', ModelSizes.Names.Where(name => name != ModelSizes.Tiny).Select(Row));
        Assert.True(document.Contains(rows, StringComparison.Ordinal), $"docs/llamagen.md must have these rows:\n{rows}");
    }

    private static string Row(string size)
    {
        Recipe recipe = Recipes.Named("c2i-xxl-384");
        Recipe frugal = recipe with { ImagesPerRollout = 4, SamplesPerDecode = 2 };
        long parameters = ModelSizes.Policy(size, 16).ParameterCount;
        string[] cells =
        [
            size,
            (parameters / 1e6).ToString("N0", CultureInfo.InvariantCulture) + " M",
            Amounts.OfBytes(16 * parameters),
            Aligning(size, 256, recipe),
            Aligning(size, 384, recipe),
            Aligning(size, 384, frugal),
            Amounts.OfBytes(GenerationMemory.Of(ModelSizes.Policy(size, 24), LlamaGenTokenizerConfiguration.Vq16(384), images: 8, guided: true).PeakBytes),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string Aligning(string size, int pixels, Recipe recipe) =>
        Amounts.OfBytes(RolloutCost.Of(ModelSizes.Policy(size, pixels / 16), LlamaGenTokenizerConfiguration.Vq16(pixels), recipe.ToOptions(), RewardNetwork.Lpips).Memory.PeakBytes);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
