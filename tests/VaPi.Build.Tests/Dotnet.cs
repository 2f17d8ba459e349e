using System.Diagnostics;
using System.Text;

namespace VaPi.Build.Tests;

/// <summary>Runs the .NET command line the way a user would: without what this test run set up for itself.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The command line of this test run.</summary>
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Runs a command; fails with its output if it does not end with the expected kind of exit code.</summary>
    public static string Run(string folder, bool mustSucceed, params string[] arguments) =>
        RunProgram(Host, folder, mustSucceed, arguments);

    /// <summary>The same with switches that leave no process behind; for commands that build.</summary>
    public static string Build(string folder, bool mustSucceed, params string[] arguments) =>
        Run(folder, mustSucceed, [.. arguments, "-nodeReuse:false", "-maxCpuCount:1", "-p:UseSharedCompilation=false"]);

    public static string RunProgram(string program, string folder, bool mustSucceed, params string[] arguments) =>
        RunProgram(program, folder, mustSucceed, arguments, new Dictionary<string, string>());

    /// <summary>The same with environment variables of its own.</summary>
    public static string RunProgram(
        string program, string folder, bool mustSucceed, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // `dotnet test` leaves these to its children; they would tie the new command to another's MSBuild.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["MSBUILDTERMINALLOGGER"] = "off";

        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Patience}:\n{output}");
        }

        process.WaitForExit(); // Without a time limit: waits for the rest of the output as well.
        if (process.ExitCode == 0 != mustSucceed)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
        return output.ToString();

        void Append(object sender, DataReceivedEventArgs line)
        {
            lock (output)
                output.AppendLine(line.Data);
        }
    }
}
