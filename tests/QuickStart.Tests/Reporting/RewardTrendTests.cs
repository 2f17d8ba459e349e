using QuickStart.Reporting;
using Xunit;

namespace QuickStart.Tests.Reporting;

public class RewardTrendTests
{
    [Fact]
    public void It_compares_the_last_rollouts_with_the_first()
    {
        var trend = new RewardTrend();
        trend.Add(-3);
        Assert.Null(trend.Latest());

        trend.Add(-2);
        Assert.Equal((-2, 1, 1), trend.Latest());

        for (int rollout = 0; rollout < 28; rollout++)
            trend.Add(-1);
        (double now, double gain, int rollouts) = trend.Latest()!.Value;
        Assert.Equal((-1, 10), (now, rollouts));
        Assert.Equal(0.3, gain, 10); // the first ten: -3, -2 and eight of -1
    }

    [Fact]
    public void The_running_mean_looks_back_over_its_window()
    {
        List<double> means = RewardTrend.RunningMean([.. Enumerable.Range(1, 20).Select(value => (double)value)]);

        Assert.Equal(20, means.Count);
        Assert.Equal((1, 1.5, 5.5, 15.5), (means[0], means[1], means[9], means[19]));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 2)]
    [InlineData(100, 24)]
    public void The_curve_goes_from_lowest_to_highest(int rollouts, int points)
    {
        var trend = new RewardTrend();
        for (int rollout = 0; rollout < rollouts; rollout++)
            trend.Add(rollout);

        IReadOnlyList<double> curve = trend.Curve(24);

        Assert.Equal(points, curve.Count);
        if (points > 0)
            Assert.Equal((0, 1), (curve[0], Math.Round(curve[^1], 9)));
    }

    [Fact]
    public void A_level_reward_has_a_level_curve()
    {
        var trend = new RewardTrend();
        for (int rollout = 0; rollout < 30; rollout++)
            trend.Add(-1);

        Assert.All(trend.Curve(24), value => Assert.InRange(value, 0, 1));
    }
}
