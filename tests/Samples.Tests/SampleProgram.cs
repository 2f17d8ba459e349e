using System.Diagnostics;
using System.Reflection;

namespace Samples.Tests;

/// <summary>A built sample, run as a process.</summary>
internal static class SampleProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Runs it in a folder; what it wrote, line by line, and its exit code.</summary>
    public static (int ExitCode, string[] Output) Run(string sample, string folder, params string[] arguments) => Run(sample, folder, isConcurrent: false, arguments);

    /// <summary>The same; where <paramref name="isConcurrent"/>, with the garbage collector that the samples are built to go without.</summary>
    public static (int ExitCode, string[] Output) Run(string sample, string folder, bool isConcurrent, params string[] arguments)
    {
        string program = Path.Combine(Metadata("Samples"), sample, Metadata("Output"), sample + ".dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (isConcurrent)
            start.Environment["DOTNET_gcConcurrent"] = "1";
        var output = new List<string>();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{sample} did not end within {Patience}:\n{string.Join('\n', output)}");
        }

        process.WaitForExit(); // Without a time limit: waits for the rest of the output as well.
        return (process.ExitCode, [.. output]);

        void Append(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
                return;
            lock (output)
                output.Add(line.Data);
        }
    }

    /// <summary>Where a file of its source is.</summary>
    public static string Source(string sample, string file) => Path.Combine(Metadata("Samples"), sample, file);

    private static string Metadata(string key) =>
        typeof(SampleProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == key).Value!;
}
