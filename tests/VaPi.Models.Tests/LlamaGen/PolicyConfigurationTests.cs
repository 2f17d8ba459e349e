using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Models.Weights;
using Xunit;

namespace VaPi.Models.Tests.LlamaGen;

public class PolicyConfigurationTests
{
    /// <summary>A change that makes the shape unusable, and the property that the message has to name.</summary>
    public static TheoryData<string, LlamaGenConfiguration> Unusable { get; } = new()
    {
        { nameof(LlamaGenConfiguration.Layers), Toys.PolicyShape with { Layers = 0 } },
        { nameof(LlamaGenConfiguration.Heads), Toys.PolicyShape with { Heads = 0 } },
        { nameof(LlamaGenConfiguration.Width), Toys.PolicyShape with { Width = 24 } },
        { nameof(LlamaGenConfiguration.Width), Toys.PolicyShape with { Width = 0 } },
        { nameof(LlamaGenConfiguration.KeyValueHeads), Toys.PolicyShape with { KeyValueHeads = 3 } },
        { nameof(LlamaGenConfiguration.KeyValueHeads), Toys.PolicyShape with { KeyValueHeads = 0 } },
        { nameof(LlamaGenConfiguration.VocabularySize), Toys.PolicyShape with { VocabularySize = 1 } },
        { nameof(LlamaGenConfiguration.GridSize), Toys.PolicyShape with { GridSize = 0 } },
        { nameof(LlamaGenConfiguration.Classes), Toys.PolicyShape with { Classes = 0 } },
        { nameof(LlamaGenConfiguration.FeedForwardMultiple), Toys.PolicyShape with { FeedForwardMultiple = 0 } },
        { nameof(LlamaGenConfiguration.Dropout), Toys.PolicyShape with { Dropout = 1 } },
        { nameof(LlamaGenConfiguration.ClassDropout), Toys.PolicyShape with { ClassDropout = double.NaN } },
        { nameof(LlamaGenConfiguration.NormEpsilon), Toys.PolicyShape with { NormEpsilon = 0 } },
        { nameof(LlamaGenConfiguration.RotaryBase), Toys.PolicyShape with { RotaryBase = 1 } },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_value_out_of_range_is_named(string name, LlamaGenConfiguration configuration)
    {
        var exception = Assert.Throws<ArgumentException>(() => LlamaGenPolicy.Create(configuration));
        Assert.Contains($"{name} is ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_named_at_once_and_before_a_file_is_opened()
    {
        LlamaGenConfiguration configuration = Toys.PolicyShape with { Layers = -1, Classes = 0, Dropout = 2 };
        var exception = Assert.Throws<ArgumentException>(() => LlamaGenPolicy.Load("no such file", configuration));
        Assert.All(["Layers is -1", "Classes is 0", "Dropout is 2"], problem => Assert.Contains(problem, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LlamaGenSize.B, 111e6, 1e6)]
    [InlineData(LlamaGenSize.L, 343e6, 1e6)]
    [InlineData(LlamaGenSize.XL, 775e6, 1e6)]
    [InlineData(LlamaGenSize.XXL, 1.4e9, 1e8)]
    [InlineData(LlamaGenSize.XXXL, 3.9e9, 1e8)]
    public void Published_sizes_have_their_published_number_of_parameters(LlamaGenSize size, double published, double precision) =>
        Assert.InRange(Parameters(LlamaGenConfiguration.Of(size)), published - precision / 2, published + precision / 2);

    [Theory]
    [InlineData(LlamaGenSize.Billion1, 22, 32, 2048)]
    [InlineData(LlamaGenSize.Billion3, 24, 32, 3200)]
    [InlineData(LlamaGenSize.Billion7, 32, 32, 4096)]
    public void Sizes_in_Llamas_proportions(LlamaGenSize size, int layers, int heads, int width)
    {
        LlamaGenConfiguration configuration = LlamaGenConfiguration.Of(size, gridSize: 24);
        Assert.Equal((layers, heads, width, 576), (configuration.Layers, configuration.Heads, configuration.Width, configuration.TokenCount));
    }

    [Fact]
    public void A_size_that_does_not_exist_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => LlamaGenConfiguration.Of((LlamaGenSize)99));

    [Theory]
    [InlineData(768, 256, 2048)] // 8/3 of it exactly
    [InlineData(1280, 256, 3584)] // 3413.3 -> 3413 -> up
    [InlineData(2560, 256, 6912)]
    [InlineData(64, 32, 192)] // 170.7 -> 170 -> up
    [InlineData(64, 1, 170)]
    public void The_feed_forward_width_is_rounded_up(int width, int multiple, int expected) =>
        Assert.Equal(expected, (Toys.PolicyShape with { Width = width, FeedForwardMultiple = multiple }).FeedForwardWidth);

    private static double Parameters(LlamaGenConfiguration configuration) =>
        LlamaGenPolicy.Shapes(configuration).Sum((ParameterShape shape) => shape.Shape.Aggregate(1.0, (count, side) => count * side));
}
