using TorchSharp;
using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class ContextualNoiseTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Replaces_the_share_it_is_told(double share)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        Tensor tokens = zeros([100, 100], ScalarType.Int64);
        Tensor replacements = ones([100, 100], ScalarType.Int64);

        Tensor noisy = ContextualNoise.Apply(tokens, share, rand([100, 100], generator: generator), replacements);

        // Four standard deviations of a binomial share of 10,000.
        double found = noisy.to(ScalarType.Float64).mean().item<double>();
        double slack = 4 * Math.Sqrt(share * (1 - share) / 10_000);
        Assert.InRange(found, share - slack, share + slack);
    }

    [Fact]
    public void A_token_is_replaced_by_its_own_replacement_where_its_number_is_below_the_share()
    {
        using DisposeScope scope = NewDisposeScope();

        Tensor noisy = ContextualNoise.Apply(
            tensor(new long[] { 1, 2, 3 }, [1, 3]), 0.5, tensor(new[] { 0.4999f, 0.5f, 0f }, [1, 3]), tensor(new long[] { 7, 8, 9 }, [1, 3]));

        Assert.Equal([7, 2, 9], noisy.data<long>().ToArray());
    }

    [Fact]
    public void Leaves_its_inputs_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = tensor(new long[] { 1, 2 }, [1, 2]);

        ContextualNoise.Apply(tokens, 1, zeros([1, 2]), tensor(new long[] { 3, 4 }, [1, 2]));

        Expect.Identical(tensor(new long[] { 1, 2 }, [1, 2]), tokens);
    }
}
