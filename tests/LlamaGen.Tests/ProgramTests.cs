using System.Diagnostics;
using Xunit;

namespace LlamaGen.Tests;

/// <summary>The built program, as a process.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task Messages_and_exit_codes_reach_the_caller()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Application).Assembly.Location, "alignn"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(64, process.ExitCode);
        Assert.Contains("Did you mean align?", await errors, StringComparison.Ordinal);
    }
}
