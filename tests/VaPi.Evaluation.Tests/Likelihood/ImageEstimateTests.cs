using VaPi.Evaluation.Likelihood;
using Xunit;

namespace VaPi.Evaluation.Tests.Likelihood;

public class ImageEstimateTests
{
    [Fact]
    public void The_standard_error_is_the_deviation_over_the_root_of_the_count()
    {
        var estimate = new ImageEstimate([1, 2, 6]);

        Assert.Equal((3, 3.0), (estimate.Count, estimate.Mean));
        Assert.Equal(Math.Sqrt(7), estimate.Deviation, 1e-12);
        Assert.Equal(Math.Sqrt(7.0 / 3), estimate.StandardError, 1e-12);
        Assert.Equal("3.0 ± 1.5", estimate.ToString());
    }

    [Fact]
    public void A_difference_is_taken_in_pairs()
    {
        ImageEstimate difference = new ImageEstimate([1, 2, 6]).Minus(new ImageEstimate([0, 1, 5.3]));

        Assert.Equal(0.9, difference.Mean, 1e-12);
        Assert.Equal(0.1, difference.StandardError, 1e-12);
        Assert.Throws<ArgumentException>(() => difference.Minus(new ImageEstimate([1])));
    }

    [Fact]
    public void A_single_image_has_no_error_and_none_no_estimate()
    {
        Assert.Equal("2.000", new ImageEstimate([2]).ToString());
        Assert.True(double.IsNaN(new ImageEstimate([2]).StandardError));
        Assert.Throws<ArgumentException>(() => new ImageEstimate([]));
    }
}
