using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Surrogates;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>Objectives that break their contracts are named, and the policy stays as it was.</summary>
public class BrokenObjectiveTests
{
    [Fact]
    public void An_advantage_of_another_shape() =>
        Refused(builder => builder.WithAdvantage(new Transposed()), "Transposed was given rewards of shape (4, 3) and estimated advantages of shape (3, 4)");

    [Fact]
    public void An_advantage_that_is_not_finite() =>
        Refused(builder => builder.WithAdvantage(new Infinite()), "In rollout 1 the gradient's norm is NaN, so its update was not made");

    [Fact]
    public void A_surrogate_that_is_not_finite() =>
        Refused(builder => builder.WithSurrogate(new Surrogate((tokens, _) => tokens.Current * double.NaN)), "learning rate 0.01");

    [Fact]
    public void A_surrogate_of_another_shape() =>
        Refused(builder => builder.WithSurrogate(new Surrogate((tokens, _) => tokens.Current.mean([-1]))), "Surrogate gave a loss of shape (4, 3); it must be (4, 3, ");

    [Fact]
    public void A_regulariser_of_another_shape() =>
        Refused(builder => builder.WithRegulariser(new Sum()), "Sum gave a loss of shape (); it must be (4, 3, ");

    [Fact]
    public void A_loss_that_does_not_depend_on_the_policy() =>
        Refused(
            builder => builder.WithSurrogate(new Surrogate((tokens, _) => tokens.Old)).Configure(options => options.PriorWeight = 0),
            "The loss does not depend on the policy");

    [Fact]
    public void A_caller_that_has_switched_gradients_off_can_step()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        using IDisposable off = no_grad();

        Assert.True(trainer.Step().GradientNorm > 0);
        Assert.False(is_grad_enabled());
    }

    private static void Refused(Action<AlignmentTrainerBuilder> breaking, string message)
    {
        using var world = new ToyWorld();
        using var untouched = new ToyWorld();
        AlignmentTrainerBuilder builder = world.Builder(options => (options.GroupSize, options.MaximumSkippedRollouts) = (3, 0));
        breaking(builder);
        using AlignmentTrainer trainer = builder.Build();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Expect.SameParameters(untouched.Policy, world.Policy);
    }

    private sealed class Transposed : IAdvantageEstimator
    {
        public Tensor Estimate(Tensor rewards) => rewards.t().contiguous();
    }

    private sealed class Infinite : IAdvantageEstimator
    {
        public Tensor Estimate(Tensor rewards) => rewards * double.NaN;
    }

    private sealed class Surrogate(Func<TokenLogProbabilities, Tensor, Tensor> loss) : ISurrogate
    {
        public Tensor Loss(TokenLogProbabilities tokens, Tensor advantages) => loss(tokens, advantages);
    }

    private sealed class Sum : IRegulariser
    {
        public string Name => "sum";

        public double Weight => 1;

        public bool NeedsReference => false;

        public bool NeedsTruth => false;

        public Tensor Loss(TokenLogProbabilities tokens) => tokens.Current.sum();
    }
}
