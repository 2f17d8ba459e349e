using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Runs;
using VaPi.Checkpoints;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment.Runs;

/// <summary>Run folders in which something is not as it was written.</summary>
[Collection(AloneCollection.Name)]
public class DamagedRunTests
{
    public static TheoryData<string, string> Damages => new()
    {
        { "policy.safetensors", "flipped" },
        { "trainer.safetensors", "flipped" },
        { "manifest.json", "flipped" },
        { "SHA256SUMS", "flipped" },
        { "trainer.safetensors", "cut" },
        { "manifest.json", "cut" },
        { "SHA256SUMS", "cut" },
        { "policy.safetensors", "missing" },
        { "manifest.json", "missing" },
        { "SHA256SUMS", "missing" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task The_checkpoint_before_a_damaged_one_is_used(string file, string damage)
    {
        using var whole = new RunTestFolder();
        using var damaged = new RunTestFolder();
        Make(whole, 12);
        Make(damaged, 6);
        Damage(Path.Combine(damaged.Checkpoint(6), file), damage);
        using var world = new ToyWorld();
        var logger = new CapturingLogger();

        using (AlignmentTrainer trainer = damaged.Run(world).WithLogger(logger).Build())
        {
            Assert.Equal(4, trainer.ResumedFrom);
            string warning = Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Warning).Message;
            Assert.StartsWith($"The checkpoint {damaged.Checkpoint(6)} is damaged: ", warning, StringComparison.Ordinal);
            await trainer.AlignAsync();
        }

        whole.AssertSame(damaged);
        Assert.Contains("00000006.damaged-1", damaged.Entries());
    }

    [Fact]
    public void A_checkpoint_that_may_not_be_read_is_not_taken_for_damaged()
    {
        using var folder = new RunTestFolder();
        Make(folder, 4);
        string sums = Path.Combine(folder.Checkpoint(4), "SHA256SUMS");
        File.Delete(sums);
        Directory.CreateDirectory(sums); // refused like a file of another user, also to root
        using var world = new ToyWorld();

        RunFolderException error = Assert.Throws<RunFolderException>(() => folder.Run(world).Build());

        Assert.Contains("SHA256SUMS", error.Message, StringComparison.Ordinal);
        Assert.Contains("00000004", folder.Entries());
    }

    [Fact]
    public void When_all_are_damaged_the_run_does_not_begin_again_on_the_quiet()
    {
        using var folder = new RunTestFolder();
        Make(folder, 4);
        Damage(Path.Combine(folder.Checkpoint(2), "policy.safetensors"), "flipped");
        Damage(Path.Combine(folder.Checkpoint(4), "policy.safetensors"), "cut");
        string metrics = File.ReadAllText(folder.Metrics);
        using var world = new ToyWorld();

        // As whatever starts failed programs again would.
        for (int attempt = 0; attempt < 2; attempt++)
        {
            var refused = Assert.Throws<RunFolderException>(() => folder.Run(world).Build());

            Assert.Contains("has no checkpoint that is whole: all 2 are damaged (00000004: the checksum of 'policy.safetensors' is not", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["00000002", "00000004"], folder.Entries());
        Assert.Equal(metrics, File.ReadAllText(folder.Metrics));
    }

    [Fact]
    public void A_checkpoint_that_was_about_to_be_replaced_is_taken_back()
    {
        using var folder = new RunTestFolder();
        Make(folder, 2);
        Directory.Move(folder.Checkpoint(2), folder.File("checkpoints", ".replaced-00000002"));
        Directory.CreateDirectory(folder.File("checkpoints", ".writing-1"));
        using var world = new ToyWorld();

        using AlignmentTrainer trainer = folder.Run(world).Build();

        Assert.Equal(2, trainer.ResumedFrom);
        Assert.Equal(["00000002"], folder.Entries());
    }

    [Fact]
    public void A_checkpoint_that_was_replaced_is_removed()
    {
        using var folder = new RunTestFolder();
        Make(folder, 2);
        Directory.CreateDirectory(folder.File("checkpoints", ".replaced-00000002"));
        using var world = new ToyWorld();

        using AlignmentTrainer trainer = folder.Run(world).Build();

        Assert.Equal(2, trainer.ResumedFrom);
        Assert.Equal(["00000002"], folder.Entries());
    }

    [Fact]
    public void A_checkpoint_that_is_whole_but_no_state_leaves_no_tensors_behind()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();

        // Without a reference: TorchSharp goes on counting the tensors that its copy's parameters are made of.
        AlignmentTrainerBuilder run = world.Builder().WithRunFolder(folder.Path);
        using (AlignmentTrainer trainer = run.Build())
        {
            trainer.Step();
            trainer.SaveCheckpoint();
        }

        using (Tensor other = ones(3))
            Checkpoint.Save(Path.Combine(folder.Checkpoint(1), "trainer.safetensors"), [new("other", other)]);
        File.WriteAllText(Path.Combine(folder.Checkpoint(1), "SHA256SUMS"), Checksums.Of(folder.Checkpoint(1), ["policy.safetensors", "trainer.safetensors", "manifest.json"]));
        long before = LiveTensors.Settled();

        var refused = Assert.Throws<RunFolderException>(run.Build);

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Contains("has a checkpoint after rollout 1 that this trainer cannot go on from", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_left_half_written_or_half_deleted_is_removed()
    {
        using var folder = new RunTestFolder();
        Make(folder, 2);
        Directory.CreateDirectory(folder.File("checkpoints", ".writing-1"));
        Directory.CreateDirectory(folder.File("checkpoints", ".deleting-2", "more"));
        Directory.CreateDirectory(folder.File("checkpoints", ".own"));
        using var world = new ToyWorld();

        using AlignmentTrainer trainer = folder.Run(world).Build();

        Assert.Equal(2, trainer.ResumedFrom);
        Assert.Equal([".own", "00000002"], folder.Entries());
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("missing")]
    public void Metrics_that_were_changed_are_put_aside(string damage)
    {
        using var folder = new RunTestFolder();
        Make(folder, 4);
        string before = File.ReadAllText(folder.Metrics);
        Damage(folder.Metrics, damage);
        using var world = new ToyWorld();
        var logger = new CapturingLogger();

        using (AlignmentTrainer trainer = folder.Run(world).WithLogger(logger).Build())
            trainer.Step();

        Assert.Contains("metrics.foreign-1.jsonl", Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Warning).Message, StringComparison.Ordinal);
        Assert.StartsWith("{\"rollout\":5,", Assert.Single(File.ReadAllLines(folder.Metrics)), StringComparison.Ordinal);
        Assert.Equal(damage == "missing" ? 0 : damage == "cut" ? before.Length / 2 : before.Length, File.ReadAllText(folder.File("metrics.foreign-1.jsonl")).Length);
    }

    private static void Make(RunTestFolder folder, int steps)
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = folder.Run(world).Build();
        for (int step = 0; step < steps; step++)
            trainer.Step();
    }

    private static void Damage(string path, string damage)
    {
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 1;
        if (damage == "missing")
            File.Delete(path);
        else
            File.WriteAllBytes(path, damage == "cut" ? content[..(content.Length / 2)] : content);
    }
}
