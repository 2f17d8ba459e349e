using TorchSharp;
using VaPi.Shared;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Tests.Compute;

/// <summary>How maps lie in memory changes, and nothing else of them.</summary>
public class ConvolutionLayoutTests
{
    // Small, on the border from both sides, large, and large without being square.
    public static TheoryData<long, long, bool> Sizes => new()
    {
        { 4, 4, false },
        { 31, 33, false },
        { 32, 32, true },
        { 16, 65, true },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_map_keeps_its_numbers_and_gets_the_layout_of_its_size(long height, long width, bool isLarge)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = Map(height, width);

        foreach (Tensor given in (Tensor[])[map, ChannelsLast(map)])
        {
            Tensor suiting = ConvolutionLayout.Suiting(given);

            Expect.Identical(map, suiting);
            Assert.Equal(isLarge ? ChannelsLast(map).stride() : map.stride(), suiting.stride());
            Assert.Equal(Address(suiting), Address(ConvolutionLayout.Suiting(suiting))); // nothing is copied a second time
        }
    }

    [Theory]
    [InlineData(3, 5, false)]
    [InlineData(15, 17, false)] // 30 x 34
    [InlineData(16, 16, true)]
    [InlineData(8, 33, true)] // 16 x 66
    public void A_doubled_map_has_every_pixel_four_times(long height, long width, bool isLarge)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = Map(height, width);
        Tensor expected = map.repeat_interleave(2, 2).repeat_interleave(2, 3);

        foreach (Tensor given in (Tensor[])[map, ChannelsLast(map)])
        {
            Tensor doubled = ConvolutionLayout.Doubled(given);

            Expect.Identical(expected, doubled);
            Assert.Equal(isLarge ? ChannelsLast(expected).stride() : expected.stride(), doubled.stride());
        }
    }

    [Fact]
    public void Gradients_pass_through_both()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = Map(16, 16).requires_grad_();
        Tensor factors = Map(32, 32);
        (F.interpolate(map, scale_factor: [2, 2], mode: InterpolationMode.Nearest) * factors).sum().backward();
        Tensor expected = map.grad!.clone();
        map.grad = null;

        (ConvolutionLayout.Suiting(ConvolutionLayout.Doubled(map)) * factors).sum().backward();

        Expect.Close(expected, map.grad!, 1e-6);
    }

    private static Tensor Map(long height, long width)
    {
        using var generator = new Generator(5, CPU);
        return randn([2, 3, height, width], generator: generator);
    }

    private static Tensor ChannelsLast(Tensor map) => map.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private static nint Address(Tensor tensor) => tensor.storage<float>().data_ptr();
}
