using System.Diagnostics;
using LlamaGen.Alignment;
using LlamaGen.Memory;
using LlamaGen.Models;
using LlamaGen.Tests.Support;
using VaPi;
using VaPi.Models.LlamaGen;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace LlamaGen.Tests.Memory;

/// <summary>Alone, since other tests' memory would be measured too.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryEstimateTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_are_as_large_as_those_of_the_model(bool captions)
    {
        LlamaGenConfiguration shape = ModelSizes.Policy(ModelSizes.Tiny, gridSize: 8);
        shape = captions ? shape.WithCaptions() : shape;
        LlamaGenTokenizerConfiguration tokenizerShape = ModelSizes.Tokenizer(ModelSizes.Tiny, 32);
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(shape);
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(tokenizerShape);
        long parameters = policy.NamedParameters().Sum(named => named.Parameter.numel() * named.Parameter.element_size());
        long buffers = captions ? 120L * 2048 * 4 : 0;

        MemoryEstimate estimate = AlignmentMemory.Of(shape, tokenizerShape, (Recipes.All[0] with { KlWeight = 0.01 }).ToOptions(), lpips: false);

        Assert.Equal(
            [parameters + buffers, parameters, 2 * parameters, parameters + buffers, tokenizer.NamedParameters().Sum(named => named.Parameter.numel() * 4)],
            estimate.Held.Take(5).Select(item => item.Bytes));
    }

    [Theory]
    [InlineData("B", 111e6)]
    [InlineData("L", 343e6)]
    [InlineData("XL", 775e6)]
    [InlineData("XXL", 1.4e9)]
    [InlineData("XXXL", 3.9e9)]
    public void Published_sizes_have_about_as_many_parameters_as_published(string size, double published) =>
        Assert.InRange(ModelSizes.Policy(size, 16).ParameterCount / published, 0.98, 1.02);

    [GlibcFact]
    public void Activations_are_about_as_large_as_estimated()
    {
        LlamaGenConfiguration shape = new() { Layers = 8, Heads = 8, Width = 384, VocabularySize = 256, GridSize = 16, Classes = 10 };
        const int Images = 4;
        long estimated = PolicyFootprint.Training(shape, Images);
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(shape);
        using var condition = new ClassCondition([1, 2, 3, 4]);
        using Tensor context = zeros([Images, policy.TokenCount], ScalarType.Int64);
        long before = Trimmed();
        using Tensor features = policy.Features(condition, context, PolicyMode.Training);
        long kept = Trimmed() - before;

        Assert.True(estimated > 200_000_000, "The model is too small to be measured.");
        Assert.InRange((double)kept / estimated, 0.9, 1.15);
    }

    [GlibcFact]
    public void Decoding_takes_about_as_much_as_estimated()
    {
        LlamaGenTokenizerConfiguration shape = new() { ImageSize = 512, BaseChannels = 32, ChannelMultipliers = [1, 1, 1, 1, 2], ResidualBlocks = 1, LatentChannels = 32, CodebookSize = 16 };
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(shape);
        using Tensor tokens = zeros([1, tokenizer.Layout.TokenCount], ScalarType.Int64);
        long estimated = TokenizerFootprint.OfDecoding(shape);
        double growth = PeakMemory.GrowthDuring(() => tokenizer.Decode(tokens).Dispose());

        Assert.True(estimated > 200_000_000, "The picture is too small to be measured.");
        Assert.InRange(growth / estimated, 0.7, 1.35);
    }

    [Fact]
    public void The_largest_phase_counts_and_others_do_not()
    {
        var estimate = new MemoryEstimate([new("a", "", 100), new("b", "", 20)], [new("c", "", 3), new("d", "", 7)]);

        Assert.Equal(MemoryEstimate.Program + 127, estimate.PeakBytes);
    }

    [Fact]
    public void Filters_and_kept_forwards_are_counted()
    {
        (LlamaGenConfiguration policy, LlamaGenTokenizerConfiguration tokenizer) = (ModelSizes.Policy("B", 16), ModelSizes.Tokenizer("B", 256));
        long Peak(Recipe recipe) => AlignmentMemory.Of(policy, tokenizer, recipe.ToOptions(), lpips: false).PeakBytes;
        Recipe recipe = Recipes.All[0] with { ImagesPerRollout = 2, ImagesPerMinibatch = 2 };

        Assert.Equal(2L * 2 * 256 * 16384, Peak(recipe with { TopK = 100 }) - Peak(recipe));
        Assert.Equal(PolicyFootprint.Training(policy, 2), Peak(recipe with { Mode = VaPi.Alignment.AlignmentMode.Evaluation }) - Peak(recipe));
    }

    [Fact]
    public void A_model_too_large_is_refused_before_it_is_made()
    {
        long before = Resident();
        (int code, string output, string errors) = Workplace.Run(
            "align", "--random-weights", "7B", "--memory", "24", "--images", _place.Images(ofEach: 1), "--reward", "mse", "--output", _place.At("results"));

        Assert.Equal(1, code);
        Assert.Matches("policy's weights \\| 4 B x 6,614,589,440 \\| 26.5 GB", output);
        Assert.Matches("AdamW's moments \\| 2 x 4 B x 6,614,589,440 \\| 52.9 GB", output);
        Assert.Matches("Aligning needs about 1\\d\\d\\.\\d GB, but 24.0 GB are available", errors);
        Assert.InRange(Resident() - before, long.MinValue, 500_000_000);
        Assert.False(Directory.Exists(_place.At("results")));
    }

    [Fact]
    public void Whoever_ignores_the_memory_is_only_warned()
    {
        string output = Workplace.RunWell("generate", "--random-weights", "tiny", "--memory", "0.1", "--ignore-memory", "--classes", "1", "--output", _place.At("results"));

        Assert.Contains("warning: Generating needs about", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_place.At("results", "0000-class-1.png")));
    }

    [Fact]
    public void This_machine_has_some_memory() => Assert.InRange(MachineMemory.AvailableBytes(), 50_000_000, 1_000_000_000_000_000);

    // Without what was freed but is kept for later.
    private static long Trimmed()
    {
        PeakMemory.ReleaseFreed();
        return Resident();
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
