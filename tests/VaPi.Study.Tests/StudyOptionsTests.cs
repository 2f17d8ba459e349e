using Xunit;

namespace VaPi.Study.Tests;

public sealed class StudyOptionsTests
{
    [Fact]
    public void A_flag_takes_no_value_from_the_option_after_it()
    {
        StudyOptions options = StudyOptions.Parse(["evidence", "--quick", "--budget", "1.5", "--world", "shapes", "--part", "2/3", "--seeds", "4"]);
        Assert.True(options.Quick);
        Assert.Equal((1.5, 2, 3), (options.BudgetHours, options.Part, options.Parts));
        Assert.Equal([4], options.Seeds);
        Assert.True(options.HasWorld("shapes"));
        Assert.False(options.HasWorld("photographs"));
    }

    [Theory]
    [InlineData("--budget", "0")]
    [InlineData("--budget", "soon")]
    [InlineData("--world", "mars")]
    [InlineData("--part", "3/2")]
    [InlineData("--part", "0/2")]
    [InlineData("--part", "1")]
    [InlineData("--seeds", "-1")]
    public void A_value_that_cannot_be_is_an_error_that_shows_it(string option, string value)
    {
        var exception = Assert.Throws<ArgumentException>(() => StudyOptions.Parse(["evidence", option, value]));
        Assert.Contains($"'{value}'", exception.Message, StringComparison.Ordinal);
    }
}
