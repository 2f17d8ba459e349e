using TorchSharp;
using VaPi.Evaluation;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public class PrecisionRecallTests
{
    [Fact]
    public void Of_equal_sets_both_are_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Random(50, 4, 1);
        Assert.Equal(new PrecisionRecall(1, 1), PrecisionRecall.Between(features, features.flip(0)));
    }

    [Fact]
    public void Of_separated_clusters_both_are_zero()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(new PrecisionRecall(0, 0), PrecisionRecall.Between(Random(50, 4, 1), Random(60, 4, 2) + 100));
    }

    [Fact]
    public void Samples_of_one_of_two_modes_are_plausible_and_cover_half()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mode = Random(40, 3, 1);
        Tensor reference = cat([mode, mode + 1000]);
        Assert.Equal(new PrecisionRecall(1, 0.5), PrecisionRecall.Between(reference, mode));
        Assert.Equal(new PrecisionRecall(0.5, 1), PrecisionRecall.Between(mode, reference));
    }

    [Fact]
    public void It_counts_what_a_loop_over_all_pairs_counts()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor reference, Tensor samples) = (Random(30, 2, 1), Random(25, 2, 2) * 1.3 + 0.2);
        foreach (int neighbours in new[] { 1, 3, 5 })
        {
            PrecisionRecall shares = PrecisionRecall.Between(reference, samples, neighbours);
            Assert.Equal(Covered(samples, reference, neighbours), shares.Precision);
            Assert.Equal(Covered(reference, samples, neighbours), shares.Recall);
        }

        Assert.InRange(PrecisionRecall.Between(reference, samples, 1).Precision, 0.05, 0.95); // or the loop would not be tried

        static double Covered(Tensor rows, Tensor centres, int neighbours)
        {
            (double, double)[] Points(Tensor tensor) => [.. Enumerable.Range(0, (int)tensor.shape[0]).Select(row => (tensor[row, 0].item<double>(), tensor[row, 1].item<double>()))];
            static double Square((double X, double Y) a, (double X, double Y) b) => (a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y);
            (double, double)[] middle = Points(centres);
            double[] radii = [.. middle.Select(centre => middle.Select(other => Square(centre, other)).Order().ElementAt(neighbours))];
            return Points(rows).Average(point => middle.Zip(radii).Any(ball => Square(point, ball.First) <= ball.Second) ? 1.0 : 0);
        }
    }

    [Fact]
    public void Points_that_occur_often_are_in_their_own_balls()
    {
        // The balls have no radius: only points that are exactly the same lie in them, wherever the origin is.
        using DisposeScope scope = NewDisposeScope();
        Tensor twice = (Random(10, 6, 1) * 1e3).repeat(4, 1);
        Assert.Equal(new PrecisionRecall(1, 1), PrecisionRecall.Between(twice, twice.flip(0)));
        Assert.Equal(new PrecisionRecall(0, 0), PrecisionRecall.Between(twice, twice + 1e-2));
    }

    [Fact]
    public void Too_few_rows_or_other_widths_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Random(5, 2, 1);
        Assert.Contains("more than 5 rows", Assert.Throws<ArgumentException>(() => PrecisionRecall.Between(features, features, 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PrecisionRecall.Between(features, Random(5, 3, 1)));
        Assert.Throws<ArgumentException>(() => PrecisionRecall.Between(features, features * double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrecisionRecall.Between(features, features, 0));
    }

    private static Tensor Random(int rows, int width, ulong seed)
    {
        using var generator = new Generator(seed);
        return randn([rows, width], ScalarType.Float64, generator: generator);
    }
}
