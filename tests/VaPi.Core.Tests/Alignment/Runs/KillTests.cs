using VaPi.Tests.Checkpoints.Support;
using Xunit;

namespace VaPi.Tests.Alignment.Runs;

/// <summary>Short forms of what docs/resuming.md has the long forms of. Processes of their own, whose time is measured.</summary>
[Collection(AloneCollection.Name)]
public class KillTests
{
    [Fact]
    public void A_run_that_is_killed_again_and_again_is_the_run_that_was_never_stopped()
    {
        using var folder = new TemporaryFolder();

        (int exitCode, string output) = RunProgram.Run("kill", folder.Root, "--kills", "4", "--during-writes", "2", "--rollouts", "40");

        Assert.True(exitCode == 0, output);
        Assert.Contains("4 kills, 2 of them while a checkpoint was being written: the same run", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_run_does_not_grow()
    {
        using var folder = new TemporaryFolder();

        // Other tests' processes take the cores now and then: only the long form can tell a step that gets slower from a busy machine.
        (int exitCode, string output) = RunProgram.Run("soak", folder.File("run"), "--rollouts", "240", "--megabytes", "16", "--percent", "500");

        Assert.True(exitCode == 0, output);
        Assert.Contains(": steady", output, StringComparison.Ordinal);
    }
}
