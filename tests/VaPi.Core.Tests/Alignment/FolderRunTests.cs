using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Data;
using VaPi.Tests.Data;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

/// <summary>Runs on image files, good and bad.</summary>
public class FolderRunTests
{
    private const int Steps = 8; // of 4 images: three times through the readable ones

    public static TheoryData<int, int> Readings
    {
        get
        {
            var readings = new TheoryData<int, int>();
            foreach (int threads in new[] { 1, 2, 8 })
            {
                foreach (int ahead in new[] { 0, 1, 4 })
                    readings.Add(threads, ahead);
            }

            return readings;
        }
    }

    [Theory]
    [MemberData(nameof(Readings))]
    public void The_run_does_not_depend_on_how_files_are_read(int threads, int ahead)
    {
        using var world = new ToyWorld();
        using var folder = new ToyFolder(world, images: 10);
        folder.Write("class0/broken.png", "no image"u8.ToArray());
        folder.Write("class1/cut.png", TestImages.Png(8, 8, TestImages.Pattern)[..60]);

        (List<string> expected, ToyPolicy expectedPolicy) = Run(folder, threads: 1, ahead: 0);
        (List<string> steps, ToyPolicy policy) = Run(folder, threads, ahead);

        using (expectedPolicy)
        using (policy)
        {
            Assert.Equal(expected, steps);
            Assert.EndsWith("2 unreadable", steps[^1], StringComparison.Ordinal);
            Expect.SameParameters(expectedPolicy, policy);
        }
    }

    [Fact]
    public void A_run_goes_on_from_inside_a_folder_with_a_broken_file()
    {
        using var world = new ToyWorld();
        using var folder = new ToyFolder(world, images: 10);
        folder.Write("class2/broken.png", "no image"u8.ToArray());
        using AlignmentTrainer whole = Trainer(world, folder.Open(world));
        List<string> expected = Expect.Digests(whole, Steps);

        using var before = new ToyWorld();
        using AlignmentTrainer first = Trainer(before, folder.Open(before));
        Expect.Digests(first, Steps / 2);
        using TrainerState state = first.CaptureState();
        using var after = new ToyWorld();
        using AlignmentTrainer second = Trainer(after, folder.Open(after));
        second.RestoreState(state);

        Assert.Equal(expected.Skip(Steps / 2), Expect.Digests(second, Steps / 2));
        Expect.SameParameters(world.Policy, after.Policy);
    }

    [Fact]
    public void A_run_survives_a_hostile_folder()
    {
        using var world = new ToyWorld();
        using var folder = new ToyFolder(world, images: 10);
        List<string> bad =
        [
            folder.Write("class0/text.jpg", "no image"u8.ToArray()),
            folder.Write("class0/empty.png", []),
            folder.Write("class1/cut.jpg", TestImages.Jpeg(64, 64, TestImages.Pattern)[..1500]),
            folder.Write("class1/cut.webp", TestImages.Webp(64, 64, TestImages.Pattern)[..300]),
            folder.Write("class2/huge.png", TestImages.Png(60000, 60000, bits: 8, colourType: 2, [0])),
        ];
        folder.Write("class0/wide.png", TestImages.Png(1, 1, bits: 16, colourType: 2, [0, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC]));
        folder.Write("class1/animated.webp", TestImages.AnimatedWebp(30, 220));
        folder.Folder("class1/album.jpg");
        if (!OperatingSystem.IsWindows())
        {
            string pipe = Path.Combine(folder.Folder("class2"), "pipe.jpg");
            string dangling = Path.Combine(folder.Folder("class2"), "dangling.jpg");
            FileSystem.MakePipe(pipe);
            File.CreateSymbolicLink(dangling, "nothing.jpg");
            Directory.CreateSymbolicLink(Path.Combine(folder.Folder("class2"), "loop"), "..");
            bad.AddRange([pipe, dangling]);
        }

        string shortLived = folder.Write("class0/short-lived.png", TestImages.Png(8, 8, TestImages.Pattern));
        ImageFolder images = folder.Open(world);
        File.Delete(shortLived);
        bad.Add(shortLived);
        Assert.Equal(12 + bad.Count, images.Count);
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Rollouts, options.MaximumUnreadableShare) = (Steps, 0.5))
            .WithImages(images)
            .WithLogger(logger)
            .Build();

        List<AlignmentStep> steps = [.. Enumerable.Range(0, Steps).Select(_ => trainer.Step())];

        Assert.Equal(bad.Count, steps[^1].UnreadableImages);
        List<string> warnings = [.. logger.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message)];
        Assert.Equal(bad.Count, warnings.Count);
        Assert.All(bad, path => Assert.Single(warnings, warning => warning.StartsWith($"The image {path} is passed over", StringComparison.Ordinal)));
    }

    private static (List<string> Steps, ToyPolicy Policy) Run(ToyFolder folder, int threads, int ahead)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = Trainer(world, folder.Open(world, threads), ahead);
        var steps = new List<string>();
        for (int index = 0; index < Steps; index++)
        {
            AlignmentStep step = trainer.Step();
            steps.Add($"{Expect.Digest(step)} {step.UnreadableImages} unreadable");
        }

        return (steps, world.Policy.Copy());
    }

    private static AlignmentTrainer Trainer(ToyWorld world, ImageFolder images, int ahead = 2) => world
        .Builder(options => (options.Rollouts, options.BatchesAhead, options.MaximumUnreadableShare) = (Steps, ahead, 0.3))
        .WithImages(images)
        .Build();
}
