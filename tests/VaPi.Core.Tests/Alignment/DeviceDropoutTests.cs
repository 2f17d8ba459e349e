using TorchSharp;
using VaPi.Alignment.State;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>How the generators of a device that has its own are seeded. The global generator is lent, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public sealed class DeviceDropoutTests
{
    [Fact]
    public void Each_loan_seeds_the_device_anew_by_what_is_saved_and_restored()
    {
        var seeds = new List<long>();
        using var dropout = new DropoutRandom(5, seeds.Add);
        using var again = new DropoutRandom(5, seeds.Add);
        using var other = new DropoutRandom(6, seeds.Add);
        Borrow(dropout);
        using Tensor saved = dropout.State;
        Borrow(dropout);
        Borrow(dropout);
        dropout.State = saved;
        Borrow(dropout);
        Borrow(again);
        Borrow(other);

        Assert.Equal(6, seeds.Count);
        Assert.Equal(seeds[1], seeds[3]);
        Assert.Equal(seeds[0], seeds[4]);
        Assert.Equal(4, seeds.Distinct().Count());
    }

    [Fact]
    public void What_is_drawn_on_the_CPU_stays_as_it_was_where_no_device_is_seeded()
    {
        using var dropout = new DropoutRandom(5);
        using var generator = new Generator(5, CPU);
        using Tensor expected = rand([4], generator: generator);

        using (dropout.Lend())
        {
            using Tensor drawn = rand(4);
            Assert.Equal(expected.data<float>().ToArray(), drawn.data<float>().ToArray());
        }
    }

    [Fact]
    public void Only_a_GPU_is_seeded()
    {
        Assert.Null(DropoutRandom.SeederOf(CPU));
        Assert.NotNull(DropoutRandom.SeederOf(new Device(DeviceType.CUDA, 0)));
    }

    private static void Borrow(DropoutRandom dropout) => dropout.Lend().Dispose();
}
