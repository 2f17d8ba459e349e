using VaPi.Alignment.State;
using Xunit;

namespace VaPi.Tests.Alignment;

public class DataOrderTests
{
    [Fact]
    public void Every_epoch_has_every_image_once_in_another_order()
    {
        var order = new DataOrder(20, seed: 3);
        int[] first = Indices(order, 20);
        int[] second = Indices(order, 20);

        Assert.Equal(Enumerable.Range(0, 20), first.Order());
        Assert.Equal(Enumerable.Range(0, 20), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(Enumerable.Range(0, 20), first);
    }

    [Fact]
    public void A_batch_may_run_over_into_the_next_epochs()
    {
        int[] whole = Indices(new DataOrder(3, seed: 4), 12);
        var order = new DataOrder(3, seed: 4);

        int[] parts = [.. Indices(order, 2), .. Indices(order, 7), .. Indices(order, 3)];

        Assert.Equal(whole, parts);
        Assert.All(whole.Chunk(3), epoch => Assert.Equal([0, 1, 2], epoch.Order()));
    }

    [Fact]
    public void The_position_is_the_whole_state()
    {
        var order = new DataOrder(7, seed: 5);
        order.Next(17);

        var resumed = new DataOrder(7, seed: 5) { Epoch = order.Epoch, Position = order.Position };

        Assert.Equal(order.Next(9), resumed.Next(9));
    }

    [Fact]
    public void Seeds_decide_order_and_variation()
    {
        Assert.Equal(new DataOrder(50, 1).Next(50), new DataOrder(50, 1).Next(50));
        Assert.NotEqual(Indices(new DataOrder(50, 1), 50), Indices(new DataOrder(50, 2), 50));
        Assert.Equal(150, new DataOrder(50, 1).Next(150).Select(draw => draw.Seed).Distinct().Count());
    }

    private static int[] Indices(DataOrder order, int count) => [.. order.Next(count).Select(draw => draw.Index)];
}
