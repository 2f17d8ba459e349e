using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Surrogates;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class ClippedRatioTests
{
    // The ratio, the advantage, the loss, and its gradient at the log-probability, for a clip range of 0.8 to 1.3.
    [Theory]
    [InlineData(1.0, 2, -2.0, -2.0)]
    [InlineData(1.25, 2, -2.5, -2.5)]
    [InlineData(1.5, 2, -2.6, 0)]
    [InlineData(0.5, 2, -1.0, -1.0)]
    [InlineData(1.5, -2, 3.0, 3.0)]
    [InlineData(0.5, -2, 1.6, 0)]
    [InlineData(0.9, -2, 1.8, 1.8)]
    public void Is_clipped_only_where_that_makes_the_loss_larger(double ratio, double advantage, double loss, double gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = tensor(new[] { Math.Log(ratio) }, [1, 1, 1]).requires_grad_();
        var tokens = new TokenLogProbabilities(current, zeros([1, 1, 1], ScalarType.Float64), null, null);

        Tensor found = new ClippedRatio(0.2, 0.3).Loss(tokens, tensor(new[] { advantage }, [1, 1, 1]));
        found.sum().backward();

        Assert.Equal(loss, found.item<double>(), 1e-12);
        Assert.Equal(gradient, current.grad!.item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(-0.1, 0.2)]
    [InlineData(0.2, -0.1)]
    public void Negative_ranges_are_refused(double low, double high) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClippedRatio(low, high));
}
