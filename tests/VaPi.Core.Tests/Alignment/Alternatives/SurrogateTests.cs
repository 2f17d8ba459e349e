using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Surrogates;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Alternatives;

public class SurrogateTests
{
    // The sample's ratio, the advantage, the loss of each token, and its gradient at a log-probability, for a range of 0.8 to 1.3.
    [Theory]
    [InlineData(1.0, 2, -2.0, -2.0)]
    [InlineData(1.25, 2, -2.5, -2.5)]
    [InlineData(1.5, 2, -2.6, 0)]
    [InlineData(1.5, -2, 3.0, 3.0)]
    [InlineData(0.5, -2, 1.6, 0)]
    public void A_sample_is_clipped_as_a_whole(double ratio, double advantage, double loss, double gradient)
    {
        using DisposeScope scope = NewDisposeScope();

        // Tokens whose ratios lie far apart, with the given geometric mean.
        Tensor current = (tensor(new[] { -1.0, 0.4, 0.6 }, [1, 1, 3]) + Math.Log(ratio)).requires_grad_();

        Tensor found = new SequenceRatio(0.2, 0.3).Loss(Tokens(current), tensor(new[] { advantage }, [1, 1, 1]));
        found.mean().backward();

        Assert.Equal([1, 1, 3], found.shape);
        Assert.All(found.data<double>().ToArray(), value => Assert.Equal(loss, value, 1e-12));
        Assert.All(current.grad!.data<double>().ToArray(), value => Assert.Equal(gradient / 3, value, 1e-12));
    }

    // The ratio, the advantage, and the gradient at the log-probability: clamped, but never nothing.
    [Theory]
    [InlineData(1.0, 2, -2.0)]
    [InlineData(1.25, 2, -2.5)]
    [InlineData(1.5, 2, -2.6)]
    [InlineData(0.5, 2, -1.6)]
    [InlineData(1.5, -2, 2.6)]
    public void A_detached_ratio_weighs_every_token(double ratio, double advantage, double gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = tensor(new[] { Math.Log(ratio) }, [1, 1, 1]).requires_grad_();

        Tensor found = new DetachedRatio(0.2, 0.3).Loss(Tokens(current), tensor(new[] { advantage }, [1, 1, 1]));
        found.sum().backward();

        Assert.Equal(gradient * Math.Log(ratio), found.item<double>(), 1e-12);
        Assert.Equal(gradient, current.grad!.item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(-0.1, 0.2)]
    [InlineData(0.2, -0.1)]
    public void Negative_ranges_are_refused(double low, double high)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceRatio(low, high));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DetachedRatio(low, high));
    }

    [Fact]
    public void Without_a_policy_loss_and_a_regulariser_there_is_nothing_to_train()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder(options => options.PriorWeight = 0).WithSurrogate(new NoPolicyLoss()).Build();

        Assert.Contains("does not depend on the policy", Assert.Throws<InvalidOperationException>(() => trainer.Step()).Message, StringComparison.Ordinal);
    }

    private static TokenLogProbabilities Tokens(Tensor current) => new(current, zeros_like(current), null, null);
}
