using VaPi.Compute;
using Xunit;

namespace VaPi.Tests.Compute;

public class CounterRandomTests
{
    [Fact]
    public void Numbers_are_uniform_and_never_one()
    {
        float[] numbers = [.. Enumerable.Range(0, 10_000).Select(position => CounterRandom.Uniform(3, (ulong)position))];

        Assert.All(numbers, number => Assert.InRange(number, 0f, 1 - MathF.Pow(2, -24)));
        for (int tenth = 0; tenth < 10; tenth++)
            Assert.InRange(numbers.Count(number => (int)(number * 10) == tenth), 880, 1120); // four standard deviations
    }

    [Fact]
    public void Neighbouring_seeds_share_no_sequence()
    {
        float[] OfSeed(ulong seed) => [.. Enumerable.Range(0, 200).Select(position => CounterRandom.Uniform(seed, (ulong)position))];

        Assert.Empty(OfSeed(0).Intersect(OfSeed(1)));
        Assert.Equal(OfSeed(5), OfSeed(5));
    }
}
