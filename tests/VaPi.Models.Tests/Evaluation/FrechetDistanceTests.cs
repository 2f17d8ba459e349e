using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Evaluation;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public class FrechetDistanceTests
{
    [Fact]
    public void It_is_the_published_one()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> golden = Checkpoint.Load(GoldenFiles.File("metrics", "metrics.safetensors"));
        double published = golden["frechet_distance"].to(ScalarType.Float64).item<double>();
        Assert.InRange(FrechetDistance.Between(golden["reference_features"], golden["sample_features"]) / published, 1 - 1e-6, 1 + 1e-6);
    }

    [Theory]
    [InlineData(64, 8)]
    [InlineData(5, 8)] // fewer rows than features: singular covariances
    public void It_is_zero_for_equal_sets_in_whatever_order(int rows, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Random(rows, width, 1);
        Assert.InRange(FrechetDistance.Between(features, features.flip(0)), 0, 1e-6);
    }

    [Fact]
    public void It_is_symmetric()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor left, Tensor right) = (Random(40, 6, 1), Random(30, 6, 2) * 2 + 1);
        double distance = FrechetDistance.Between(left, right);
        Assert.True(distance > 1);
        Assert.Equal(distance, FrechetDistance.Between(right, left), 1e-9 * distance);
    }

    [Fact]
    public void Of_independent_features_it_is_the_distance_of_means_and_deviations()
    {
        // Points at +-a on each of F axes: mean 0, covariance diag(2 a² / (2 F - 1)).
        using DisposeScope scope = NewDisposeScope();
        double[] left = [1, 2, 3];
        double[] right = [2, 0.5, 0];
        double[] shift = [1, 0, -2];
        double expected = 5 + left.Zip(right, (a, b) => Math.Pow((a - b) * Math.Sqrt(2 / 5.0), 2)).Sum();
        Assert.Equal(expected, FrechetDistance.Between(OnAxes(left), OnAxes(right) + tensor(shift)), 1e-9);

        static Tensor OnAxes(double[] lengths)
        {
            Tensor axes = tensor(lengths).diag();
            return cat([axes, -axes]);
        }
    }

    [Fact]
    public void Turning_both_sets_changes_nothing()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor left, Tensor right) = (Random(40, 2, 1), Random(40, 2, 2) * tensor(new[] { 3.0, 0.1 }));
        Tensor turn = tensor(new[] { 0.6, 0.8, -0.8, 0.6 }, [2, 2]);
        Assert.Equal(FrechetDistance.Between(left, right), FrechetDistance.Between(left.matmul(turn), right.matmul(turn)), 1e-9);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Random(4, 3, 1);
        foreach (Tensor other in new[] { Random(4, 2, 1), Random(1, 3, 1), zeros(3) })
        {
            var exception = Assert.Throws<ArgumentException>(() => FrechetDistance.Between(features, other));
            Assert.Contains("(4, 3)", exception.Message, StringComparison.Ordinal);
            Assert.Contains($"({string.Join(", ", other.shape)})", exception.Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => FrechetDistance.Between(other, features));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Features_that_are_not_finite_are_refused(double value)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Random(4, 3, 1);
        Tensor broken = features.clone();
        broken[2, 1] = tensor(value);
        Assert.Throws<ArgumentException>(() => FrechetDistance.Between(features, broken));
        Assert.Throws<ArgumentException>(() => FrechetDistance.Between(broken, features));
    }

    private static Tensor Random(int rows, int width, ulong seed)
    {
        using var generator = new Generator(seed);
        return randn([rows, width], ScalarType.Float64, generator: generator);
    }
}
