using TorchSharp;
using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class LocalCreditTests
{
    [Theory]
    [InlineData(0, 0.0)]
    [InlineData(1, 0.0)]
    [InlineData(1, 0.25)]
    [InlineData(2, 0.1)]
    [InlineData(9, 0.0)]
    public void Cells_near_a_token_count_in_full_and_the_others_at_the_share(int neighbourhood, double wholeImage)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor fine, Tensor coarse) = Maps();

        Tensor positions = LocalCredit.Positions([fine, coarse], TokenLayout.Grid(4, 6), neighbourhood, wholeImage);

        for (int sample = 0; sample < 2; sample++)
        {
            for (int token = 0; token < 24; token++)
            {
                (int row, int column) = (token / 6, token % 6);
                double expected = 0;
                for (int y = 0; y < 8; y++)
                {
                    for (int x = 0; x < 12; x++)
                    {
                        bool near = Math.Abs(y / 2 - row) <= neighbourhood && Math.Abs(x / 2 - column) <= neighbourhood;
                        double place = fine[sample, y, x].item<float>() / 96 + coarse[sample, y / 4, x / 4].item<float>() / 96;
                        expected += near ? place : wholeImage * place;
                    }
                }

                Assert.Equal(expected, positions[sample, token].item<float>(), 1e-5);
            }
        }
    }

    [Fact]
    public void A_token_alone_with_its_cell_has_its_part_of_the_whole()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor fine, _) = Maps();

        Expect.Close(fine.mean([1, 2]), LocalCredit.Positions([fine], TokenLayout.Grid(4, 6), 0, 0).sum([1]), 1e-5);
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(7, 13)]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    public void Places_that_lie_over_several_cells_are_shared_out_by_area(int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(19, CPU);
        Tensor map = randn([2, height, width], generator: generator);
        Tensor fine = map.repeat_interleave(4, 1).repeat_interleave(6, 2); // the same places in pieces that lie over one cell each
        Tensor whole = map.mean([1, 2]);

        Tensor cells = LocalCredit.Positions([map], TokenLayout.Grid(4, 6), 0, 0);

        Expect.Close(LocalCredit.Positions([fine], TokenLayout.Grid(4, 6), 0, 0), cells, 1e-5);
        Expect.Close(nn.functional.avg_pool2d(fine.unsqueeze(1), [height, width]).flatten(1) / 24, cells, 1e-5);
        Expect.Close(whole, cells.sum([1]), 1e-4);
        Expect.Close(whole.unsqueeze(1).expand(2, 24), LocalCredit.Positions([map], TokenLayout.Grid(4, 6), 1, 1), 1e-4);
    }

    [Fact]
    public void At_the_whole_images_full_share_every_token_has_the_whole_reward()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor fine, Tensor coarse) = Maps();
        Tensor whole = fine.mean([1, 2]) + coarse.mean([1, 2]);

        Expect.Close(whole.unsqueeze(1).expand(2, 24), LocalCredit.Positions([fine, coarse], TokenLayout.Grid(4, 6), 1, 1), 1e-5);
    }

    [Fact]
    public void Each_stage_of_a_multi_scale_layout_has_its_own_grid()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor fine, _) = Maps();

        Tensor positions = LocalCredit.Positions([fine], TokenLayout.MultiScale([(1, 1), (2, 3), (4, 6)]), 0, 0);

        Expect.Close(fine.mean([1, 2]), positions.select(1, 0), 1e-5);
        Expect.Close(LocalCredit.Positions([fine], TokenLayout.Grid(2, 3), 0, 0), positions.narrow(1, 1, 6), 1e-6);
        Expect.Close(LocalCredit.Positions([fine], TokenLayout.Grid(4, 6), 0, 0), positions.narrow(1, 7, 24), 1e-6);
    }

    // Finer and coarser than the grid of 4x6 tokens.
    private static (Tensor Fine, Tensor Coarse) Maps()
    {
        using var generator = new Generator(17, CPU);
        return (randn([2, 8, 12], generator: generator), randn([2, 2, 3], generator: generator));
    }
}
