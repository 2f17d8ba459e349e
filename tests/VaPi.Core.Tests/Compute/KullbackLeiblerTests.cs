using TorchSharp;
using VaPi.Compute;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class KullbackLeiblerTests
{
    [Fact]
    public void Its_expectation_over_the_policy_is_the_divergence()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(6, CPU);
        Tensor policy = randn([20], dtype: ScalarType.Float64, generator: generator).log_softmax(-1);
        Tensor reference = randn([20], dtype: ScalarType.Float64, generator: generator).log_softmax(-1);

        Tensor estimates = KullbackLeibler.K3(policy, reference);

        double divergence = (policy.exp() * (policy - reference)).sum().item<double>();
        Assert.Equal(divergence, (policy.exp() * estimates).sum().item<double>(), 1e-12);
        Assert.True(estimates.min().item<double>() >= 0);
    }

    [Fact]
    public void Is_zero_where_both_agree()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal([0f, 0f], KullbackLeibler.K3(tensor(new[] { -1f, -2f }), tensor(new[] { -1f, -2f })).data<float>().ToArray());
    }
}
