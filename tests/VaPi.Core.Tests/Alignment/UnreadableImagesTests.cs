using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Data;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

/// <summary>Images that cannot be read are passed over, named and counted, up to a share.</summary>
public class UnreadableImagesTests
{
    // Of 10 images, in batches of 4.
    private static readonly int[] Broken = [2, 7, 8];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void The_next_of_the_order_take_their_places(int ahead)
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images, null, Broken);
        using AlignmentTrainer trainer = Tolerant(world, images, ahead).Build();

        List<AlignmentStep> steps = [.. Enumerable.Range(0, 6).Select(_ => trainer.Step())];

        var readable = new DataOrder(10, seed: 0).Next(80).Where(draw => !Broken.Contains(draw.Index));
        Assert.Equal(readable.Take(24), images.Batches.SelectMany(draws => draws).Take(24));
        Assert.All(Broken, index => Assert.Equal(1, images.Calls.SelectMany(draws => draws).Count(draw => draw.Index == index)));
        int[] found = [.. steps.Select(step => step.UnreadableImages)];
        Assert.Equal(found.Order(), found);
        Assert.Equal((ExpectedAfterFirst(), 3), (found[0], found[^1]));

        static int ExpectedAfterFirst()
        {
            var order = new DataOrder(10, seed: 0);
            var draws = new List<int>();
            while (draws.Count(index => !Broken.Contains(index)) < 4)
                draws.Add(order.Next(1)[0].Index);
            return draws.Distinct().Count(Broken.Contains);
        }
    }

    [Fact]
    public void Each_is_logged_once_with_its_path_in_the_step_that_passes_it_over()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = Tolerant(world, new ToyImages(world.Images, null, Broken), ahead: 3).WithLogger(logger).Build();

        int counted = 0;
        for (int step = 0; step < 6; step++)
        {
            counted = trainer.Step().UnreadableImages;
            Assert.Equal(counted, Warnings().Count);
        }

        Assert.Equal(3, counted);
        Assert.All(Broken, index => Assert.Single(Warnings(), message => message.Contains($"image-{index} ", StringComparison.Ordinal)));
        Assert.Matches("^The image image-[278] is passed over, as 1 of 10 so far: It is broken.$", Warnings()[0]);

        List<string> Warnings() => [.. logger.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message)];
    }

    [Fact]
    public void A_step_made_again_neither_counts_nor_logs_again()
    {
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = Tolerant(world, new ToyImages(world.Images, null, Broken), ahead: 1)
            .WithReward(ToyReward.Error(scored => Fail(scored)))
            .WithLogger(logger)
            .Build();

        Assert.Throws<VaPi.Rewards.RewardException>(() => trainer.Step());
        List<AlignmentStep> steps = [.. Enumerable.Range(0, 6).Select(_ => trainer.Step())];

        Assert.Equal(3, steps[^1].UnreadableImages);
        Assert.Equal(3, logger.Entries.Count(entry => entry.Level == LogLevel.Warning));

        static void Fail(int scored)
        {
            if (scored == 1)
                throw new FormatException();
        }
    }

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(2, 0.2)]
    [InlineData(2, 0.29)]
    public void More_than_the_share_is_an_error(int ahead, double share)
    {
        using var world = new ToyWorld();
        var images = new ToyImages(world.Images, null, Broken);
        using AlignmentTrainer trainer = Tolerant(world, images, ahead, share).Build();
        using ToyPolicy before = world.Policy.Copy();

        var error = Assert.IsType<ImageDataException>(Record.Exception(() => Expect.Digests(trainer, 6)));

        Assert.StartsWith($"3 of 10 images (30.0 %) cannot be read; at most a share of {share} may be passed over.", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{nameof(AlignmentOptions)}.{nameof(AlignmentOptions.MaximumUnreadableShare)}", error.Message, StringComparison.Ordinal);
        Assert.All(Broken, index => Assert.Contains($"'image-{index}'", error.Message, StringComparison.Ordinal));
        Assert.Equal(Broken, error.Unreadable.Select(image => image.Index).Order());

        // And again: nothing has been passed over on the quiet.
        long done = trainer.StepsDone;
        Assert.Throws<ImageDataException>(() => trainer.Step());
        Assert.Equal(done, trainer.StepsDone);
        if (done == 0)
            Expect.SameParameters(before, world.Policy);
    }

    [Fact]
    public void As_many_as_the_share_are_passed_over()
    {
        // 0.29 * 100 is a little less than 29 in binary.
        using var world = new ToyWorld(images: 100);
        using AlignmentTrainer trainer = Tolerant(world, new ToyImages(world.Images, null, [.. Enumerable.Range(0, 29)]), ahead: 0, share: 0.29).Build();

        int unreadable = 0;
        for (int step = 0; step < 20; step++)
            unreadable = trainer.Step().UnreadableImages;

        Assert.Equal(29, unreadable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_has_been_mended_after_an_error_is_read(int ahead)
    {
        using var usual = new ToyWorld();
        using var world = new ToyWorld();
        using AlignmentTrainer plain = usual.Trainer();
        bool away = true;
        var images = new ToyImages(world.Images, draws => FailAll(away, draws));
        using AlignmentTrainer trainer = Tolerant(world, images, ahead).Build();
        Assert.Throws<ImageDataException>(() => trainer.Step());
        away = false;

        Assert.Equal(Expect.Digests(plain, 4), Expect.Digests(trainer, 4));

        static void FailAll(bool away, IReadOnlyList<ImageDraw> draws)
        {
            if (away)
                throw new ImageDataException("The disk is away.", [.. draws.Select(draw => new UnreadableImage(draw.Index, $"{draw.Index}", "away"))]);
        }
    }

    [Fact]
    public void At_a_share_of_0_the_first_is_an_error()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Tolerant(world, new ToyImages(world.Images, null, 5), ahead: 1, share: 0).Build();

        var error = Assert.IsType<ImageDataException>(Record.Exception(() => Expect.Digests(trainer, 3)));

        Assert.Contains("1 of 10 images", error.Message, StringComparison.Ordinal);
        Assert.Contains("Images 5 are broken.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_source_that_can_read_nothing_ends_with_an_error_whatever_the_share(int ahead)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Tolerant(world, new ToyImages(world.Images, null, [.. Enumerable.Range(0, 10)]), ahead, share: 1).Build();

        var error = Assert.Throws<ImageDataException>(() => trainer.Step());

        Assert.Contains("10 of 10 images (100.0 %) cannot be read; so there is nothing to align on.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, trainer.StepsDone);
    }

    public static TheoryData<Exception> Others =>
    [
        new IOException("The network is down."),
        new ImageDataException("The archive as a whole is damaged."),
        new ImageDataException("Others than those asked for.", [new UnreadableImage(99, "99", "no")]),
        new ArgumentException("A mistake in the program."),
    ];

    [Theory]
    [MemberData(nameof(Others))]
    public void Nothing_else_is_passed_over(Exception thrown)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Tolerant(world, new ToyImages(world.Images, _ => throw thrown), ahead: 1, share: 1).Build();

        Assert.Same(thrown, Record.Exception(() => trainer.Step()));
    }

    [Fact]
    public void A_resumed_run_passes_over_the_same()
    {
        using var whole = new ToyWorld();
        using AlignmentTrainer uninterrupted = Tolerant(whole, new ToyImages(whole.Images, null, Broken), ahead: 2).Build();
        List<string> expected = Expect.Digests(uninterrupted, 6);

        // Stopped after every number of steps, so that a broken image is known, just behind, or still to come.
        for (int half = 1; half < 6; half++)
        {
            using var before = new ToyWorld();
            using AlignmentTrainer first = Tolerant(before, new ToyImages(before.Images, null, Broken), ahead: 2).Build();
            Assert.Equal(expected.Take(half), Expect.Digests(first, half));
            using TrainerState state = first.CaptureState();

            using var after = new ToyWorld();
            using AlignmentTrainer second = Tolerant(after, new ToyImages(after.Images, null, Broken), ahead: 1).Build();
            second.RestoreState(state);
            Assert.Equal(expected.Skip(half), Expect.Digests(second, 6 - half));
            Expect.SameParameters(whole.Policy, after.Policy);

            first.RestoreState(state);
            Assert.Equal(expected.Skip(half), Expect.Digests(first, 6 - half));
        }
    }

    [Fact]
    public void Measuring_held_out_rewards_passes_them_over_too()
    {
        using var world = new ToyWorld();
        var options = new AlignmentOptions { ImagesPerRollout = 4, GroupSize = 2, MaximumUnreadableShare = 0.3 };
        var images = new ToyImages(world.Images, null, Broken);

        HeldOutReward.Measure(world.Policy, world.Tokenizer, ToyReward.Error(_ => { }), images, options, 7);
        options.MaximumUnreadableShare = 0.2;

        Assert.Equal(Enumerable.Range(0, 10).Except(Broken), images.Batches.SelectMany(draws => draws).Select(draw => draw.Index).Order());
        Assert.Throws<ImageDataException>(() => HeldOutReward.Measure(world.Policy, world.Tokenizer, ToyReward.Error(_ => { }), images, options, 7));
    }

    private static AlignmentTrainerBuilder Tolerant(ToyWorld world, IImageSource images, int ahead, double share = 0.3) => world
        .Builder(options => (options.Rollouts, options.BatchesAhead, options.MaximumUnreadableShare) = (12, ahead, share))
        .WithImages(images);
}
