using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Schedules;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Schedules;

public class SteeringLawTests
{
    private static readonly Lazy<AlignmentStep> Any = new(() =>
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        return trainer.Step();
    });

    [Theory]
    [InlineData(0.1, 1.0)] // at the target
    [InlineData(0.05, 1.2840254166877414)] // exp(0.5 · 0.5)
    [InlineData(0.15, 0.77880078307140488)] // exp(-0.5 · 0.5)
    [InlineData(0.0, 1.6487212707001282)] // exp(0.5)
    [InlineData(0.2, 0.60653065971263342)] // exp(-0.5)
    [InlineData(1e6, 0.60653065971263342)] // no outlier moves it further
    [InlineData(double.PositiveInfinity, 0.60653065971263342)]
    public void The_factor_follows_the_relative_error(double measured, double factor) =>
        Assert.Equal(factor, Law(gain: 0.5).Next(1, Any.Value with { KlDivergence = measured }), 1e-15);

    [Fact]
    public void A_negative_gain_goes_the_other_way()
    {
        AlignmentStep below = Any.Value with { KlDivergence = 0.05 };

        Assert.Equal(1, Law(gain: 0.5).Next(1, below) * Law(gain: -0.5).Next(1, below), 1e-15);
        Assert.True(Law(gain: -0.5).Next(1, below) < 1);
    }

    [Fact]
    public void Errors_add_up_until_the_limits()
    {
        AlignmentStep above = Any.Value with { KlDivergence = 0.2 };
        AlignmentStep below = Any.Value with { KlDivergence = 0 };
        SteeringLaw law = Law(gain: 0.5, lowest: 0.25, highest: 2);

        Assert.Equal(Math.Exp(-1), law.Next(law.Next(1, above), above), 1e-15);
        Assert.Equal(0.25, Enumerable.Range(0, 10).Aggregate(1.0, (factor, _) => law.Next(factor, above)));
        Assert.Equal(2, Enumerable.Range(0, 10).Aggregate(1.0, (factor, _) => law.Next(factor, below)));

        // What went on for long at a limit does not have to be undone first.
        Assert.Equal(0.25 * Math.Exp(0.5), law.Next(0.25, below), 1e-15);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(double.NaN)]
    public void What_was_not_measured_leaves_the_factor(double? measured) =>
        Assert.Equal(0.7, Law(gain: 0.5).Next(0.7, Any.Value with { KlDivergence = measured }));

    [Fact]
    public void Each_signal_reads_its_own_number()
    {
        AlignmentStep step = Any.Value with { KlDivergence = 1, Entropy = 2, ClippedFraction = 3 };
        var own = Signal.Of("clipped fraction", record => record.ClippedFraction);

        Assert.Equal([1, 2, 3], new[] { Signal.KlToStart, Signal.Entropy, own }.Select(signal => signal.Read(step)));
        Assert.Equal("clipped fraction", own.Name);
    }

    private static SteeringLaw Law(double gain, double lowest = 0.01, double highest = 100) => new(Signal.KlToStart, 0.1, gain, lowest, highest);
}
