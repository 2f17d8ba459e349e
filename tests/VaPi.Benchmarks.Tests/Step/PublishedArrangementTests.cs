using TorchSharp;
using VaPi.Benchmarks.Step;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Tests.Step;

public sealed class PublishedArrangementTests : IDisposable
{
    private readonly StepModels _models = new(StepOptions.Parse(Tiny.Arguments));

    public void Dispose() => _models.Dispose();

    [Fact]
    public void A_prefix_without_noise_is_the_true_tokens()
    {
        using RolloutDraws draws = _models.RandomDraws();
        using Tensor truth = _models.Tokenizer.Encode(draws.Images);

        double given = GradientNorm(0.5, draws with { Context = truth });
        double drawn = GradientNorm(0, draws with { Context = null });
        double noisy = GradientNorm(1, draws with { Context = null });

        Assert.Equal(given, drawn, given * 1e-5);
        Assert.NotEqual(given, noisy, given * 1e-3);
    }

    [Fact]
    public void Samples_are_drawn_where_none_are_given()
    {
        using RolloutDraws draws = _models.RandomDraws();
        RolloutDraws open = draws with { Samples = null };

        random.manual_seed(1);
        double first = GradientNorm(0, open, priorWeight: 0);
        random.manual_seed(1);
        double again = GradientNorm(0, open, priorWeight: 0);
        random.manual_seed(2);
        double other = GradientNorm(0, open, priorWeight: 0);

        Assert.Equal(first, again, first * 1e-5);
        Assert.NotEqual(first, other, first * 1e-3);
    }

    [Fact]
    public void The_learning_rate_is_that_of_the_step()
    {
        using RolloutDraws draws = _models.RandomDraws();
        using PublishedArrangement published = _models.Published();
        using Tensor parameter = _models.Policy.NamedParameters().Last().Parameter.detach();
        using Tensor before = parameter.clone();

        published.Step(draws, learningRate: 0);
        Assert.True(parameter.equal(before).all().item<bool>());
        published.Step(draws, learningRate: 1e-3);
        Assert.Equal(1e-3, (parameter - before).abs().max().item<float>(), 2e-4); // AdamW's steps start near the rate
    }

    private double GradientNorm(double contextNoise, RolloutDraws draws, double priorWeight = 0.1)
    {
        using DisposeScope scope = NewDisposeScope();
        double norm = 0;
        using var published = new PublishedArrangement(
            _models.Policy, _models.Tokenizer, _models.Reward, new PublishedSettings { GroupSize = 3, ContextNoise = contextNoise, PriorWeight = priorWeight });
        published.Step(draws, learningRate: 0, gradients => norm = stack([.. gradients.Select(named => named.Gradient.norm())]).norm().item<float>());
        return norm;
    }
}
