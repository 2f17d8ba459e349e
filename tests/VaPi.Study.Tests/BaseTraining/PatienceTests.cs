using VaPi.Study.BaseTraining;
using Xunit;

namespace VaPi.Study.Tests.BaseTraining;

public sealed class PatienceTests
{
    [Fact]
    public void It_is_over_after_so_many_measurements_in_a_row_without_a_new_lowest()
    {
        var patience = new Patience(2);
        Assert.True(patience.Observe(3));
        Assert.False(patience.Observe(3));
        Assert.False(patience.IsOver);
        Assert.True(patience.Observe(2.9));
        Assert.False(patience.Observe(double.NaN));
        Assert.False(patience.IsOver);
        Assert.False(patience.Observe(4));
        Assert.True(patience.IsOver);
        Assert.Equal(2.9, patience.Lowest);
    }
}
