using VaPi.Alignment;
using VaPi.Alignment.Runs;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Runs;

/// <summary>A run folder of a test's own, gone after the test.</summary>
internal sealed class RunTestFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.File("run");

    public string Metrics => File("metrics.jsonl");

    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public string Checkpoint(long step) => File("checkpoints", step.ToString("D8"));

    /// <summary>The steps of the checkpoints that are there.</summary>
    public long[] Steps() => [.. RunFolder.Checkpoints(Path).Select(checkpoint => checkpoint.Step)];

    /// <summary>What is in the checkpoints' folder, hidden or not.</summary>
    public string[] Entries() => [.. Directory.EnumerateFileSystemEntries(File("checkpoints")).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>A run of twelve rollouts with everything that has a state, written every two.</summary>
    public AlignmentTrainerBuilder Run(ToyWorld world, Action<RunFolderOptions>? configure = null) => Demanding(world).WithRunFolder(Path, options =>
    {
        options.CheckpointEvery = 2;
        configure?.Invoke(options);
    });

    public static AlignmentTrainerBuilder Demanding(ToyWorld world) => world
        .Builder(options =>
        {
            options.Rollouts = 12;
            options.ImagesPerMinibatch = 1;
            options.MinibatchesPerUpdate = 2;
            options.KlWeight = 0.1;
            options.MaximumUnreadableShare = 0.3;
            options.ContextNoise = Schedule.Linear(1, 0, 6);
            options.LearningRate = Schedule.Cosine(1e-2, 1e-3, 6);
        })
        .WithImages(new ToyImages(world.Images, null, 2, 7));

    /// <summary>All files of two runs are the same, but for those that tell the time.</summary>
    public void AssertSame(RunTestFolder other)
    {
        Assert.Equal(System.IO.File.ReadAllText(Metrics), System.IO.File.ReadAllText(other.Metrics));
        long newest = RunFolder.Checkpoints(Path)[^1].Step;
        Assert.Equal(newest, RunFolder.Checkpoints(other.Path)[^1].Step);
        foreach (string file in Directory.EnumerateFiles(Checkpoint(newest)))
            Assert.True(System.IO.File.ReadAllBytes(file).AsSpan().SequenceEqual(System.IO.File.ReadAllBytes(System.IO.Path.Combine(other.Checkpoint(newest), System.IO.Path.GetFileName(file)))), $"{file} differs");
    }

    public void Dispose() => _folder.Dispose();
}
