using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Runs;
using VaPi.Tests.Alignment.Runs;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Faults;

/// <summary>A disk that has no room for a while: the run goes on, what was written stays, and the next checkpoint is tried again.</summary>
[Collection(AloneCollection.Name)]
public class FullDiskTests
{
    [Theory]
    [InlineData("policy.safetensors")]
    [InlineData("trainer.safetensors")]
    [InlineData("manifest.json")]
    [InlineData("SHA256SUMS")]
    [InlineData("00000004")]
    public async Task A_checkpoint_that_cannot_be_written_leaves_the_earlier_ones_and_the_run_goes_on(string file)
    {
        using var whole = new RunTestFolder();
        using var folder = new RunTestFolder();
        using var usual = new ToyWorld();
        using (AlignmentTrainer trainer = whole.Run(usual).Build())
            await trainer.AlignAsync();
        using var world = new ToyWorld();
        var logger = new CapturingLogger();
        int made = 0;
        using (AlignmentTrainer trainer = folder.Run(world, run => run.Writing = name => Fail(made == 4 && name.EndsWith(file, StringComparison.Ordinal))).WithLogger(logger).Build())
        {
            await foreach (AlignmentStep step in trainer.RunAsync())
            {
                Assert.Equal(step.Index == 4 ? "No space left on device" : null, step.CheckpointError);
                if (step.Index == 4)
                    Assert.Equal(["00000002"], folder.Entries());
                made = (int)step.Index + 1;
            }
        }

        string error = Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Error).Message;
        Assert.StartsWith("After rollout 4 no checkpoint could be written; the earlier ones stay, the run goes on", error, StringComparison.Ordinal);
        Assert.EndsWith("Make room on the disk, and see to it that the folder may be written to.", error, StringComparison.Ordinal);
        whole.AssertSame(folder);
    }

    [Fact]
    public void A_checkpoint_that_was_asked_for_and_cannot_be_written_is_an_error()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        bool full = true;
        using AlignmentTrainer trainer = folder.Run(world, run => run.Writing = _ => Fail(full)).Build();
        trainer.Step();

        var error = Assert.Throws<RunFolderException>(trainer.SaveCheckpoint);

        Assert.Contains("has no new checkpoint: No space left on device The earlier ones are as they were. Make room on the disk", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Entries());
        full = false;
        trainer.SaveCheckpoint();
        Assert.Equal([1], folder.Steps());
    }

    [Fact]
    public void Lines_that_the_disk_has_no_room_for_wait()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("metrics.jsonl");
        bool full = false;
        using (var file = new MetricsFile(path) { Writing = () => Fail(full) })
        {
            file.Append("one\n"u8.ToArray());
            full = true;
            Assert.Throws<IOException>(() => file.Append("two\n"u8.ToArray()));
            Assert.Throws<IOException>(() => file.Append("three\n"u8.ToArray()));
            Assert.Throws<IOException>(file.Flush);
            Assert.Equal("one\n", Read());
            full = false;
            file.Append("four\n"u8.ToArray());
            file.Flush();
            Assert.Equal(19, file.Length);
        }

        Assert.Equal("one\ntwo\nthree\nfour\n", Read());

        string Read()
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    private static void Fail(bool full)
    {
        if (full)
            throw new IOException("No space left on device");
    }
}
