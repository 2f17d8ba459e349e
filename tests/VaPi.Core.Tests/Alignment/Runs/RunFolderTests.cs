using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Runs;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Runs;

/// <summary>What is kept in a run folder, and for whom.</summary>
[Collection(AloneCollection.Name)]
public class RunFolderTests
{
    [Fact]
    public async Task The_newest_and_the_best_are_kept()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using var measure = new ScriptedMeasure(0, 1, 2, 9, 3, 3, 3, 3, 3, 3, 3, 3, 3);
        using (AlignmentTrainer trainer = folder.Run(world, run => (run.CheckpointEvery, run.Keep) = (1, 2)).StopEarly(measure.Stopping with { Patience = 99, KeepBest = false }).Build())
            await trainer.AlignAsync();

        Assert.Equal([3, 11, 12], folder.Steps());
        Assert.Equal([(3, 9.0), (11, 3), (12, 3)], RunFolder.Checkpoints(folder.Path).Select(checkpoint => (checkpoint.Step, checkpoint.Value!.Value)));
        Assert.Equal(3, Assert.Single(RunFolder.Checkpoints(folder.Path), checkpoint => checkpoint.IsBest).Step);
        Assert.Equal(["00000003", "00000011", "00000012"], folder.Entries());
    }

    [Fact]
    public async Task Without_measurements_the_mean_reward_since_the_checkpoint_before_tells_the_best()
    {
        // Rewards by rollout; of two rollouts each, the second checkpoint's are the highest.
        double[] rewards = [1, 2, 8, 4, 7, 4, 0, 1, 2, 3, 1, 5];
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        ToyReward? reward = null;
        reward = new ToyReward((chunk, targets) => new RewardBatch(ToyReward.PixelError(chunk, targets!).mul_(1e-6).add_(rewards[reward!.Prepared - 1])));
        using (AlignmentTrainer trainer = folder.Run(world, run => run.Keep = 1).WithReward(reward).Build())
            await trainer.AlignAsync();

        Assert.Equal([4, 12], folder.Steps());
        RunCheckpoint best = RunFolder.Checkpoints(folder.Path)[0];
        Assert.Equal(("mean reward", true), (best.Measure, best.IsBest));
        Assert.Equal(6, best.Value!.Value, 1e-4);
    }

    [Fact]
    public async Task The_best_need_not_be_kept()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using var measure = new ScriptedMeasure(0, 9, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3);
        using (AlignmentTrainer trainer = folder.Run(world, run => (run.CheckpointEvery, run.Keep, run.KeepBest) = (1, 1, false)).StopEarly(measure.Stopping with { Patience = 99, KeepBest = false }).Build())
            await trainer.AlignAsync();

        Assert.Equal([12], folder.Steps());
    }

    [Fact]
    public void Two_runs_on_one_folder_are_one_too_many()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        using (AlignmentTrainer first = folder.Run(world).Build())
        {
            var refused = Assert.Throws<RunFolderException>(() => folder.Run(world).Build());

            Assert.Equal(folder.Path, refused.Folder);
            Assert.Contains("is in use by another run, of this process or another. Wait for its end, dispose its trainer", refused.Message, StringComparison.Ordinal);
            first.Step();
            Assert.Empty(RunFolder.Checkpoints(folder.Path));
        }

        folder.Run(world).Build().Dispose();
    }

    [Fact]
    public void A_folder_of_something_else_is_left_alone()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.Metrics, "somebody's");

        var refused = Assert.Throws<RunFolderException>(() => folder.Run(world).Build());

        Assert.Contains("holds something else ('metrics.jsonl')", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["metrics.jsonl"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
        Assert.Equal("somebody's", File.ReadAllText(folder.Metrics));
        Assert.Contains("is none", Assert.Throws<RunFolderException>(() => RunFolder.Checkpoints(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"steps\": 3}")]
    [InlineData("{\"format\": \"vapi-run\", \"version\": 1000}")]
    [InlineData("[]")]
    [InlineData("run")]
    public void A_folder_whose_marker_is_somebody_elses_is_left_alone(string marker)
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.File("run.json"), marker);
        File.WriteAllText(folder.Metrics, "somebody's");

        var refused = Assert.Throws<RunFolderException>(() => folder.Run(world).Build());

        Assert.Contains("holds something else: its 'run.json' is no run's", refused.Message, StringComparison.Ordinal);
        Assert.Equal("somebody's", File.ReadAllText(folder.Metrics));
    }

    [Fact]
    public void What_keeps_the_lock_from_being_taken_is_not_told_as_another_run()
    {
        if (OperatingSystem.IsWindows())
            return; // links take a privilege there
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Directory.CreateDirectory(folder.Path);
        File.CreateSymbolicLink(folder.File("run.lock"), folder.File("run.lock"));

        var refused = Assert.Throws<RunFolderException>(() => folder.Run(world).Build());

        Assert.Contains("cannot be used", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another run", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_a_file_is_refused()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        File.WriteAllText(folder.Path, "");

        Assert.Contains("cannot be used", Assert.Throws<RunFolderException>(() => folder.Run(world).Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();

        var refused = Assert.Throws<InvalidOperationException>(() => folder.Run(world, run => (run.CheckpointEvery, run.Keep) = (0, -1)).Build());

        Assert.Contains("RunFolderOptions.CheckpointEvery is 0; allowed: 1 or more.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("RunFolderOptions.Keep is -1; allowed: 1 or more.", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Path));
    }

    [Fact]
    public void A_run_is_not_resumed_with_other_settings_unawares()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Make(folder, world, 2);

        var refused = Assert.Throws<RunFolderException>(() => folder.Run(world)
            .Configure(options => (options.Seed, options.GroupSize, options.LearningRate, options.Rollouts, options.BatchesAhead) = (7, 5, Schedule.Cosine(1e-2, 1e-3, 7), 20, 0))
            .WithReward(VaPi.Rewards.Reward.MeanAbsoluteError())
            .Build());

        Assert.Contains("Seed is 7 but was 0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("GroupSize is 5 but was 4", refused.Message, StringComparison.Ordinal);
        Assert.Contains("LearningRate is 0.01, 0.009", refused.Message, StringComparison.Ordinal);
        Assert.Contains("reward is mean absolute error but was mean squared error", refused.Message, StringComparison.Ordinal);
        Assert.Contains("AcceptChanges", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Rollouts", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BatchesAhead", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_starting_policy_is_noticed_where_it_is_the_reference()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Make(folder, world, 2);

        // The policy has been aligned for two rollouts by now.
        Assert.Contains("starting policy is", Assert.Throws<RunFolderException>(() => folder.Run(world).Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_that_are_accepted_are_warned_of()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Make(folder, world, 2);
        using var again = new ToyWorld();
        var logger = new CapturingLogger();

        using AlignmentTrainer trainer = folder.Run(again, run => run.AcceptChanges = true).Configure(options => options.LearningRate = 1e-3).WithLogger(logger).Build();

        Assert.Equal(2, trainer.ResumedFrom);
        Assert.Equal(1e-3, trainer.Step().LearningRate);
        Assert.Contains("LearningRate is 0.001 but was 0.01, ", Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Warning).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_even_where_changes_are_accepted()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Make(folder, world, 3);
        string metrics = File.ReadAllText(folder.Metrics);
        using var again = new ToyWorld();
        using var measure = new ScriptedMeasure(1);

        var refused = Assert.Throws<RunFolderException>(() => folder.Run(again, run => run.AcceptChanges = true).StopEarly(measure.Stopping).Build());

        Assert.Contains("has a checkpoint after rollout 2 that this trainer cannot go on from: The state is damaged or of another policy: 'stopping.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(metrics, File.ReadAllText(folder.Metrics));
    }

    [Fact]
    public void A_run_is_not_resumed_with_fewer_trained_parameters_unawares()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Make(folder, world, 2);
        using var again = new ToyWorld();
        again.Policy.NamedParameters().First().Parameter.requires_grad = false;

        Assert.Contains("trained parameters is ", Assert.Throws<RunFolderException>(() => folder.Run(again).Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_may_be_made_longer()
    {
        using var folder = new RunTestFolder();
        using var world = new ToyWorld();
        Make(folder, world, 12);
        using var again = new ToyWorld();

        using AlignmentTrainer trainer = folder.Run(again).Configure(options => options.Rollouts = 14).Build();

        Assert.Equal(13, trainer.Step().Index);
    }

    private static void Make(RunTestFolder folder, ToyWorld world, int steps)
    {
        using AlignmentTrainer trainer = folder.Run(world).Build();
        for (int step = 0; step < steps; step++)
            trainer.Step();
    }
}
