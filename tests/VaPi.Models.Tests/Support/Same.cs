using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Support;

/// <summary>Comparisons of whole tensors.</summary>
internal static class Same
{
    public static bool Exactly(Tensor left, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        return left.shape.SequenceEqual(right.shape) && left.dtype == right.dtype && (left == right).all().item<bool>();
    }

    public static void AssertExact(Tensor expected, Tensor actual) => Assert.True(Exactly(expected, actual), "The tensors differ.");

    public static void AssertDifferent(Tensor left, Tensor right) => Assert.False(Exactly(left, right), "The tensors are the same.");

    public static void AssertClose(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        double difference = (expected.detach().to(ScalarType.Float64) - actual.detach().to(ScalarType.Float64)).abs().max().item<double>();
        Assert.True(difference <= tolerance, $"The largest difference is {difference}, above {tolerance}.");
    }
}
