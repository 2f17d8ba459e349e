using TorchSharp;
using VaPi.Evaluation;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public class FeatureMomentsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Batches_of_any_size_give_the_statistics_of_the_whole(int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Random(100, 5, 1).to(ScalarType.Float32);
        using var moments = new FeatureMoments();
        foreach (Tensor part in rows.split(batch))
            moments.Add(part);

        FeatureStatistics statistics = moments.Statistics();

        Tensor wide = rows.to(ScalarType.Float64);
        Tensor centred = wide - wide.mean([0]);
        Assert.Equal(100, statistics.Count);
        Same.AssertClose(wide.mean([0]), statistics.Mean, 1e-13);
        Same.AssertClose(centred.t().matmul(centred) / 99, statistics.Covariance, 1e-13);
    }

    [Fact]
    public void A_large_offset_costs_no_digits()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Random(200, 3, 2);
        using var near = new FeatureMoments();
        using var far = new FeatureMoments();
        foreach (Tensor part in rows.split(10))
        {
            near.Add(part);
            far.Add(part + 1e6);
        }

        Same.AssertClose(near.Statistics().Covariance, far.Statistics().Covariance, 1e-8);
    }

    [Fact]
    public void Statistics_are_a_snapshot()
    {
        using DisposeScope scope = NewDisposeScope();
        using var moments = new FeatureMoments();
        moments.Add(Random(10, 2, 1));
        FeatureStatistics first = moments.Statistics();
        Tensor mean = first.Mean.clone();
        moments.Add(Random(10, 2, 2) + 5);
        Same.AssertExact(mean, first.Mean);
        Assert.True((moments.Statistics().Mean - mean).abs().min().item<double>() > 1);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_changes_nothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using var moments = new FeatureMoments();
        moments.Add(ones(1, 3));
        Assert.Throws<InvalidOperationException>(moments.Statistics);
        Assert.Contains("(N, 3)", Assert.Throws<ArgumentException>(() => moments.Add(ones(2, 4))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => moments.Add(full([2, 3], double.NaN)));
        moments.Add(zeros(1, 3));
        Assert.Equal(2, moments.Count);
        Same.AssertClose(full([3], 0.5, ScalarType.Float64), moments.Statistics().Mean, 0);
    }

    [Fact]
    public void Statistics_of_a_file_may_be_compared_with_those_of_features()
    {
        using DisposeScope scope = NewDisposeScope();

        // Two normal distributions of independent coordinates: the squared differences of means and of deviations.
        using var left = new FeatureStatistics(tensor(new[] { 0.0, 1 }), tensor(new[] { 4.0, 9 }).diag());
        using var right = new FeatureStatistics(tensor(new[] { 3.0, 1 }), tensor(new[] { 1.0, 16 }).diag());
        Assert.Equal(9 + 1 + 1, FrechetDistance.Between(left, right), 1e-9);
        using var wider = new FeatureStatistics(zeros(3), eye(3));
        Assert.Throws<ArgumentException>(() => FrechetDistance.Between(left, wider));
        Assert.Throws<ArgumentException>(() => new FeatureStatistics(zeros(3), eye(2)));
    }

    private static Tensor Random(int rows, int width, ulong seed)
    {
        using var generator = new Generator(seed);
        return randn([rows, width], ScalarType.Float64, generator: generator);
    }
}
