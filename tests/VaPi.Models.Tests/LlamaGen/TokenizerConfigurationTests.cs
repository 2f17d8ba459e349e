using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;

namespace VaPi.Models.Tests.LlamaGen;

public class TokenizerConfigurationTests
{
    public static TheoryData<string, LlamaGenTokenizerConfiguration> Unusable { get; } = new()
    {
        { nameof(LlamaGenTokenizerConfiguration.BaseChannels), Toys.TokenizerShape with { BaseChannels = 48 } },
        { nameof(LlamaGenTokenizerConfiguration.BaseChannels), Toys.TokenizerShape with { BaseChannels = 0 } },
        { nameof(LlamaGenTokenizerConfiguration.ChannelMultipliers), Toys.TokenizerShape with { ChannelMultipliers = [] } },
        { nameof(LlamaGenTokenizerConfiguration.ChannelMultipliers), Toys.TokenizerShape with { ChannelMultipliers = [1, 0] } },
        { nameof(LlamaGenTokenizerConfiguration.ResidualBlocks), Toys.TokenizerShape with { ResidualBlocks = 0 } },
        { nameof(LlamaGenTokenizerConfiguration.LatentChannels), Toys.TokenizerShape with { LatentChannels = 0 } },
        { nameof(LlamaGenTokenizerConfiguration.CodebookSize), Toys.TokenizerShape with { CodebookSize = 1 } },
        { nameof(LlamaGenTokenizerConfiguration.CodebookWidth), Toys.TokenizerShape with { CodebookWidth = 0 } },
        { nameof(LlamaGenTokenizerConfiguration.ImageSize), Toys.TokenizerShape with { ImageSize = new ImageSize(12, 7) } },
        { nameof(LlamaGenTokenizerConfiguration.ImageSize), Toys.TokenizerShape with { ImageSize = 0 } },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_value_out_of_range_is_named(string name, LlamaGenTokenizerConfiguration configuration)
    {
        var exception = Assert.Throws<ArgumentException>(() => LlamaGenTokenizer.Create(configuration));
        Assert.Contains($"{name} is ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_named_at_once_and_before_a_file_is_opened()
    {
        LlamaGenTokenizerConfiguration configuration = Toys.TokenizerShape with { BaseChannels = 1, CodebookWidth = -1 };
        var exception = Assert.Throws<ArgumentException>(() => LlamaGenTokenizer.Load("no such file", configuration));
        Assert.Contains("BaseChannels is 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("CodebookWidth is -1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_published_tokenizers_make_a_token_of_16_or_8_pixels()
    {
        Assert.Equal(16, LlamaGenTokenizerConfiguration.Vq16(384).Downsampling);
        Assert.Equal(8, LlamaGenTokenizerConfiguration.Vq8(256).Downsampling);
    }

    [Theory]
    [InlineData(true, 72)]
    [InlineData(false, 70)]
    public void The_published_tokenizers_have_their_published_number_of_parameters(bool sixteen, long millions)
    {
        LlamaGenTokenizerConfiguration configuration = sixteen ? LlamaGenTokenizerConfiguration.Vq16(256) : LlamaGenTokenizerConfiguration.Vq8(256);
        double parameters = LlamaGenTokenizer.Shapes(configuration).Sum(shape => shape.Shape.Aggregate(1.0, (count, side) => count * side));
        Assert.Equal(millions, (long)Math.Round(parameters / 1e6));
    }

    [Fact]
    public void Names_are_the_published_ones()
    {
        HashSet<string> names = [.. LlamaGenTokenizer.Shapes(LlamaGenTokenizerConfiguration.Vq16(256)).Select(shape => shape.Name)];
        string[] published =
        [
            "encoder.conv_in.weight", "encoder.conv_blocks.0.res.1.conv2.bias", "encoder.conv_blocks.2.res.0.nin_shortcut.weight", "encoder.conv_blocks.3.downsample.conv.weight",
            "encoder.conv_blocks.4.attn.1.proj_out.weight", "encoder.mid.1.q.weight", "encoder.norm_out.weight", "quant_conv.weight", "quantize.embedding.weight",
            "post_quant_conv.bias", "decoder.mid.2.norm2.weight", "decoder.conv_blocks.0.attn.2.k.bias", "decoder.conv_blocks.3.upsample.conv.weight", "decoder.conv_out.bias",
        ];
        Assert.Superset(published.ToHashSet(), names);
        Assert.DoesNotContain("encoder.conv_blocks.4.downsample.conv.weight", names);
        Assert.DoesNotContain("decoder.conv_blocks.4.upsample.conv.weight", names);
        Assert.DoesNotContain("decoder.conv_blocks.1.attn.0.q.weight", names);
    }
}
