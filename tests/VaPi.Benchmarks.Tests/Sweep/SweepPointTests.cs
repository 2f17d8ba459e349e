using VaPi.Benchmarks.Step;
using VaPi.Benchmarks.Sweep;
using Xunit;

namespace VaPi.Benchmarks.Tests.Sweep;

public class SweepPointTests
{
    [Fact]
    public void One_thing_is_changed_at_a_time()
    {
        IReadOnlyList<SweepPoint> points = SweepPoint.Around(new StepOptions());

        Assert.Equal(
            ["itself", "G 2", "G 4", "G 16", "G 32", "T 16", "T 144", "V 1024", "V 16384", "B 1", "B 2", "B 8", "with KL"],
            points.Select(point => point.Label));
        Assert.Equal(points.Count, points.Select(point => point.Options).Distinct().Count());
        Assert.Equal(new StepOptions { Grid = 12, Side = 96 }, points.Single(point => point.Label == "T 144").Options);
    }

    [Fact]
    public void Finer_grids_have_larger_images() => Assert.All(
        SweepPoint.Around(new StepOptions { Side = 128 }), point => Assert.Equal(16, point.Options.Side / point.Options.Grid));
}
