using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using VaPi.Alignment;
using VaPi.Alignment.Reading;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>What ends with the queue. The number of native tensors is the process's, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class ImageQueueTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void Waiting_batches_are_released()
    {
        using var world = new ToyWorld();
        long before = Tensors();
        var images = new ToyImages(world.Images);
        using (var queue = Queue(images, ahead: 3))
        {
            queue.Current(left: 9, CancellationToken.None);
            Assert.True(SpinWait.SpinUntil(() => images.Batches.Count == 4, Long));
            Assert.Equal(before + (4 * 2), Tensors());
            queue.Finish();
            Assert.Equal(before + (3 * 2), Tensors());
        }

        Assert.Equal(before, Tensors());
        Assert.False(images.Threads.First().IsAlive);
    }

    [Fact]
    public void Going_back_releases_what_was_read()
    {
        using var world = new ToyWorld();
        long before = Tensors();
        var images = new ToyImages(world.Images);
        using var queue = Queue(images, ahead: 2);
        queue.Current(left: 9, CancellationToken.None);
        Assert.True(SpinWait.SpinUntil(() => images.Batches.Count == 3, Long));
        queue.Restart(0, 0, []);

        Assert.True(SpinWait.SpinUntil(() => Tensors() == before, Long));
        Assert.Equal((0, 0), (queue.Epoch, queue.Position));
        Assert.Equal(4, queue.Current(left: 0, CancellationToken.None).Images.Count);
        Assert.Equal(images.Calls.First(), images.Calls.Last());
    }

    [Fact]
    public void A_source_that_does_not_come_back_is_not_waited_for_and_what_it_reads_is_released()
    {
        using var world = new ToyWorld();
        using var open = new ManualResetEventSlim(true);
        long before = Tensors();
        var images = new ToyImages(world.Images, _ => open.Wait(Long));
        var queue = Queue(images, ahead: 1, patience: TimeSpan.FromMilliseconds(50));
        queue.Current(left: 1, CancellationToken.None);
        Assert.True(SpinWait.SpinUntil(() => images.Batches.Count == 2, Long));
        open.Reset();
        queue.Finish();
        queue.Current(left: 1, CancellationToken.None);
        Assert.True(SpinWait.SpinUntil(() => images.Calls.Count == 3, Long));

        long began = Stopwatch.GetTimestamp();
        queue.Dispose();

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, Long.TotalSeconds / 2);
        Assert.Equal(before, Tensors());
        open.Set();
        Assert.True(images.Threads.First().Join(Long));
        Assert.Equal(3, images.Batches.Count);
        Assert.Equal(before, Tensors());
    }

    [Fact]
    public void A_slow_source_is_waited_for_so_that_it_can_be_disposed()
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images, _ => Thread.Sleep(200));
        var queue = Queue(images, ahead: 2);
        queue.Current(left: 9, CancellationToken.None);

        queue.Dispose();
        queue.Dispose();

        Assert.Equal(images.Calls.Count, images.Batches.Count);
        Assert.False(images.Threads.First().IsAlive);
    }

    [Fact]
    public void A_queue_that_was_never_asked_reads_nothing()
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images);
        Queue(images, ahead: 2).Dispose();
        Assert.Empty(images.Calls);
    }

    private static ImageQueue Queue(IImageSource images, int ahead, TimeSpan? patience = null) =>
        new(images, new AlignmentOptions { ImagesPerRollout = 4, BatchesAhead = ahead }, NullLogger.Instance) { Patience = patience ?? Long };

    // The images and the labels of a batch count as two.
    private static long Tensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
