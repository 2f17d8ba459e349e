using VaPi.Generation;
using Xunit;

namespace VaPi.Tests.Generation;

public class GenerationOptionsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void A_scale_of_one_or_below_is_no_guidance(int token)
    {
        Assert.Equal(1, new GenerationOptions { Guidance = 1, GuidancePower = 2 }.GuidanceAt(token, 10));
        Assert.Equal(1, new GenerationOptions { Guidance = 0.3 }.GuidanceAt(token, 10));
    }

    [Fact]
    public void Without_schedule_and_interval_every_token_has_the_full_scale() =>
        Assert.All(Enumerable.Range(0, 10), token => Assert.Equal(4, new GenerationOptions { Guidance = 4 }.GuidanceAt(token, 10)));

    [Theory]
    [InlineData(0, 2)]
    [InlineData(3, 5)]
    public void An_interval_of_c_guides_tokens_up_to_c_plus_one(int interval, int unguidedFrom)
    {
        var options = new GenerationOptions { Guidance = 4, GuidanceInterval = interval };

        Assert.All(Enumerable.Range(0, 10), token => Assert.Equal(token < unguidedFrom ? 4 : 1, options.GuidanceAt(token, 10)));
    }

    // Token k has progress (k - 1) / 8 among 9 tokens.
    [Theory]
    [InlineData(1.0, 0, 5)]
    [InlineData(1.0, 1, 1)]
    [InlineData(1.0, 3, 1.5857864376269049)] // 1 + 4 (1 - cos 45°) / 2
    [InlineData(1.0, 5, 3)]
    [InlineData(2.0, 5, 1.5857864376269049)]
    [InlineData(0.5, 3, 3)]
    public void A_power_cosine_schedule_rises_from_one_after_the_first_token(double power, int token, double scale) =>
        Assert.Equal(scale, new GenerationOptions { Guidance = 5, GuidancePower = power }.GuidanceAt(token, 9), 1e-12);

    [Fact]
    public void Wrong_options_are_named_together()
    {
        var options = new GenerationOptions { Guidance = double.NaN, GuidancePower = -1, Temperature = -0.1, TopK = -1, TopP = 0 };

        var exception = Assert.Throws<ArgumentException>(options.Validate);

        Assert.All(
            ["Guidance is NaN", "GuidancePower is -1", "Temperature is -0.1", "TopK is -1", "TopP is 0"],
            part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e9)]
    public void Borders_are_allowed(double temperature) =>
        Assert.Null(Record.Exception(new GenerationOptions { Temperature = temperature, TopP = 5, Guidance = -3 }.Validate));
}
