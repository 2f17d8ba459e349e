using Xunit;

namespace VaPi.Reporting.Tests;

public class ReportValueTests
{
    [Theory]
    [InlineData(14.5312, 0.214, "14.53 ± 0.21")]
    [InlineData(-0.0001236, 0.0000067, "-0.0001236 ± 0.0000067")]
    [InlineData(1234.7, 56.7, "1235 ± 57")]
    [InlineData(3, 0, "3.0 ± 0.0")]
    [InlineData(2.5, double.NaN, "2.500")]
    public void Numbers_show_as_many_digits_as_their_spread_is_worth(double mean, double spread, string expected) =>
        Assert.Equal(expected, new ReportValue(mean, spread).ToString());

    [Theory]
    [InlineData(16.884, "16.88")]
    [InlineData(0, "0.000")]
    [InlineData(0.00123456, "0.001235")]
    [InlineData(123456, "123456")]
    [InlineData(double.NaN, "NaN")]
    public void A_number_without_a_spread_shows_four_digits(double value, string expected) =>
        Assert.Equal(expected, ReportValue.FromDouble(value).ToString());

    [Fact]
    public void Values_of_several_seeds_become_their_mean_and_deviation()
    {
        ReportValue value = ReportValue.Of([1, 2, 6]);

        Assert.Equal(3, value.Mean);
        Assert.Equal(Math.Sqrt(7), value.Spread!.Value, 1e-12);
        Assert.Null(ReportValue.Of([4]).Spread);
        Assert.Throws<ArgumentException>(() => ReportValue.Of([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReportValue(1, -0.1));
    }
}
