using VaPi.Alignment;
using Xunit;

namespace VaPi.Tests.Alignment.Schedules;

public class ScheduleTests
{
    [Fact]
    public void A_number_is_a_constant_schedule()
    {
        Schedule schedule = 0.25;

        Assert.Equal([0.25, 0.25, 0.25], new[] { schedule.At(0), schedule.At(7), schedule.At(long.MaxValue) });
        Assert.Equal((0.25, 0.25), schedule.Range);
        Assert.Equal(3, Schedule.FromDouble(3).At(1));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0.75)]
    [InlineData(4, 0.5)]
    [InlineData(8, 0)]
    [InlineData(9, 0)]
    [InlineData(1000, 0)]
    public void Linear_goes_in_a_straight_line_and_stays(long rollout, double value) => Assert.Equal(value, Schedule.Linear(1, 0, 8).At(rollout), 1e-15);

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 2.5857864376269049)] // 2 + 4 (1 - cos 45°) / 2
    [InlineData(4, 4)]
    [InlineData(8, 6)]
    [InlineData(100, 6)]
    public void Cosine_goes_along_half_a_cosine_and_stays(long rollout, double value) => Assert.Equal(value, Schedule.Cosine(2, 6, 8).At(rollout), 1e-14);

    [Theory]
    [InlineData("0.25", 0.25, 0.25)]
    [InlineData(" 1E-6 ", 1e-6, 1e-6)]
    [InlineData("-3", -3, -3)]
    [InlineData("linear 1 to 0.5 over 8", 1, 0.5)]
    [InlineData("COSINE  2 To 6  over 8", 2, 6)]
    public void Text_is_read(string text, double first, double last)
    {
        var schedule = Schedule.Parse(text);

        Assert.Equal(first, schedule.At(0), 1e-15);
        Assert.Equal(last, schedule.At(8), 1e-14);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0,5")]
    [InlineData("1 2")]
    [InlineData("linear 1 to 0")]
    [InlineData("linear 1 to 0 over 0")]
    [InlineData("linear 1 to 0 over -1")]
    [InlineData("linear 1 to 0 over 1.5")]
    [InlineData("linear a to 0 over 5")]
    [InlineData("linear 1 until 0 over 5")]
    [InlineData("step 1 to 0 over 5")]
    [InlineData("linear 1 to 0 over 5 rollouts")]
    public void Other_text_is_an_error_that_says_what_is_allowed(string text)
    {
        var error = Assert.Throws<FormatException>(() => Schedule.Parse(text));

        Assert.StartsWith($"'{text}' is no schedule; allowed: a number such as '1e-6', or 'linear 1e-6 to 0 over 100'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_range_holds_every_value()
    {
        Assert.Equal((0.0, 1.0), Schedule.Linear(1, 0, 8).Range);
        Assert.Equal((2.0, 6.0), Schedule.Cosine(2, 6, 8).Range);
        Assert.True(double.IsNaN(Schedule.Linear(0, double.NaN, 3).Range.Highest));
    }

    [Fact]
    public void A_length_below_one_rollout_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Linear(0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine(0, 1, -1));
    }
}
