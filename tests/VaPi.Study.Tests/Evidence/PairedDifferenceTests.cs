using VaPi.Study.Evidence;
using Xunit;

namespace VaPi.Study.Tests.Evidence;

public sealed class PairedDifferenceTests
{
    [Fact]
    public void The_interval_is_that_of_a_paired_t_test()
    {
        // Differences -1, -2, -3: deviation 1, standard error 1/sqrt(3), t(2) = 4.303.
        PairedDifference difference = PairedDifference.Of(
            new Dictionary<int, double> { [0] = 10, [1] = 20, [2] = 30, [7] = 5 }, new Dictionary<int, double> { [0] = 11, [1] = 22, [2] = 33, [9] = 5 })!;
        Assert.Equal(3, difference.Seeds);
        Assert.Equal(-2, difference.Mean, 1e-12);
        Assert.Equal(4.303 / Math.Sqrt(3), difference.HalfWidth, 1e-9);
        Assert.False(difference.IsApart);
    }

    [Fact]
    public void What_seeds_share_does_not_widen_the_interval()
    {
        PairedDifference difference = PairedDifference.Of(
            new Dictionary<int, double> { [0] = 101, [1] = 11.1, [2] = 1.9 }, new Dictionary<int, double> { [0] = 100, [1] = 10, [2] = 1 })!;
        Assert.Equal(1, difference.Mean, 1e-9);
        Assert.True(difference.IsApart);
    }

    [Fact]
    public void One_seed_tells_no_interval_and_none_no_difference()
    {
        var one = new Dictionary<int, double> { [0] = 1 };
        PairedDifference difference = PairedDifference.Of(one, new Dictionary<int, double> { [0] = 3 })!;
        Assert.Equal((-2, double.PositiveInfinity, false), (difference.Mean, difference.HalfWidth, difference.IsApart));
        Assert.Null(PairedDifference.Of(one, new Dictionary<int, double> { [1] = 3 }));
    }
}
