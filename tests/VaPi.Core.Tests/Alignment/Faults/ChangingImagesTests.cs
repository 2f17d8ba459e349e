using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Tests.Alignment.Runs;
using VaPi.Tests.Data;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Faults;

/// <summary>Image files that change while a run reads them.</summary>
[Collection(AloneCollection.Name)]
public class ChangingImagesTests
{
    [Fact]
    public void Files_that_vanish_or_are_cut_are_passed_over_and_those_that_change_are_read_as_they_are()
    {
        using var world = new ToyWorld(images: 20);
        using var folder = new ToyFolder(world, images: 20);
        ImageFolder images = folder.OpenFixed(world);
        var logger = new CapturingLogger();
        using AlignmentTrainer trainer = world
            .Builder(options => (options.Rollouts, options.MaximumUnreadableShare, options.BatchesAhead) = (20, 0.2, 0))
            .WithImages(images)
            .WithLogger(logger)
            .Build();
        Assert.Equal(0, trainer.Step().UnreadableImages);

        File.Delete(images.Paths[3]);
        byte[] content = File.ReadAllBytes(images.Paths[8]);
        File.WriteAllBytes(images.Paths[8], content[..(content.Length / 2)]);
        File.WriteAllBytes(images.Paths[11], []);
        File.WriteAllBytes(images.Paths[12], TestImages.Png(64, 3, TestImages.Pattern)); // another picture, of another size
        List<AlignmentStep> steps = [.. Enumerable.Range(0, 11).Select(_ => trainer.Step())];

        Assert.Equal(3, steps[^1].UnreadableImages);
        string[] warnings = [.. logger.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message)];
        Assert.Equal(3, warnings.Length);
        Assert.Contains(warnings, warning => warning.Contains(images.Paths[3], StringComparison.Ordinal) && warning.Contains("does not exist", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains(images.Paths[8], StringComparison.Ordinal) && warning.Contains("cut off", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains(images.Paths[11], StringComparison.Ordinal) && warning.Contains("is empty", StringComparison.Ordinal));
    }

    [Fact]
    public void A_shard_that_is_cut_fails_the_step_which_can_be_made_again_once_it_is_mended()
    {
        using var world = new ToyWorld();
        using var folder = new ToyFolder(world, images: 10);
        ImageFolder files = folder.OpenFixed(world);
        string shard = Path.Combine(folder.Folder("shards"), "images.tar");
        using (var archive = new System.Formats.Tar.TarWriter(File.Create(shard)))
        {
            for (int index = 0; index < files.Count; index++)
                archive.WriteEntry(files.Paths[index], $"{index:D3}.png");
        }

        using AlignmentTrainer trainer = world.Builder(options => options.BatchesAhead = 0)
            .WithImages(ImageShards.Open(folder.Folder("shards"), world.Tokenizer.ImageSize, new ImageShardsOptions { Condition = ShardCondition.None }))
            .WithPolicy(new AnyCondition(world.Policy))
            .Build();
        trainer.Step();
        byte[] whole = File.ReadAllBytes(shard);
        File.WriteAllBytes(shard, whole[..512]);

        var error = Assert.Throws<ImageDataException>(() => trainer.Step());

        Assert.Contains("cannot be read; at most a share of 0.05 may be passed over. Mend or remove them", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, trainer.StepsDone);
        File.WriteAllBytes(shard, whole);
        Assert.Equal((2, 0), (trainer.Step().Index, trainer.Step().UnreadableImages));
    }

    [Fact]
    public async Task Images_that_were_found_to_be_unreadable_stay_so_when_the_run_is_resumed()
    {
        using var whole = new RunTestFolder();
        using var folder = new RunTestFolder();
        int[] found = await Run(whole, 12);
        int[] before = await Run(folder, 5);
        int[] after = await Run(folder, 12);

        Assert.Equal(2, found[^1]);
        Assert.Equal(found, before.Concat(after));
        whole.AssertSame(folder);

        static async Task<int[]> Run(RunTestFolder folder, int last)
        {
            using var world = new ToyWorld();
            var counts = new List<int>();
            using AlignmentTrainer trainer = folder.Run(world).Build();
            await foreach (AlignmentStep step in trainer.RunAsync())
            {
                counts.Add(step.UnreadableImages);
                if (step.Index == last)
                    break;
            }

            return [.. counts];
        }
    }
}
