using VaPi.Models.LlamaGen.Costs;
using Xunit;

namespace VaPi.Models.Tests.LlamaGen.Costs;

public class LpipsNetworkTests
{
    // VGG-16 as published: 138,357,544 parameters, 123,642,856 of them in its three linear layers.
    [Fact]
    public void It_has_the_published_networks_convolutions() => Assert.Equal(138_357_544 - 123_642_856, LpipsNetwork.ParameterCount);

    // Pixels x channels in x channels out x 9, convolution by convolution, at 224 x 224.
    [Fact]
    public void Its_operations_are_those_of_the_convolutions_one_by_one()
    {
        long multiplications = 9L * (
            224 * 224 * (3 * 64 + 64 * 64)
            + 112 * 112 * (64 * 128 + 128 * 128)
            + 56 * 56 * (128 * 256 + 2 * 256 * 256)
            + 28 * 28 * (256 * 512 + 2 * 512 * 512)
            + 14 * 14 * 3 * 512 * 512);

        Assert.Equal(15_346_630_656, multiplications); // as the literature has it
        Assert.Equal(2 * multiplications, LpipsNetwork.Operations(224));
    }

    // Pooling leaves out a last row or column: 10 x 7, 5 x 3, 2 x 1, 1 x 0, 0 x 0.
    [Fact]
    public void Sides_that_are_odd_are_rounded_down_between_stages() => Assert.Equal(
        2 * 9L * (70 * (3 * 64 + 64 * 64) + 15 * (64 * 128 + 128 * 128) + 2 * (128 * 256 + 2 * 256 * 256)),
        LpipsNetwork.Operations(new ImageSize(10, 7)));
}
