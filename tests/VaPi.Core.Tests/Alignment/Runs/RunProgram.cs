using System.Diagnostics;

namespace VaPi.Tests.Alignment.Runs;

/// <summary>VaPi.RunCheck as another process.</summary>
internal static class RunProgram
{
    public static (int ExitCode, string Output) Run(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "VaPi.RunCheck.exe" : "VaPi.RunCheck");
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
