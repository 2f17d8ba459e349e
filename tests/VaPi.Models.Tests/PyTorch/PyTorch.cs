using System.ComponentModel;
using System.Diagnostics;

namespace VaPi.Models.Tests.PyTorch;

/// <summary>Python with PyTorch, where the machine has it (on Debian: the package python3-torch, for the system's own Python).</summary>
internal static class PyTorch
{
    private static readonly string[] Candidates = ["python3", "/usr/bin/python3", "python"];

    private static readonly Lazy<(string? Python, string? WhyMissing)> Found = new(Find);

    /// <summary>Why it cannot be used; null if it can.</summary>
    public static string? WhyMissing => Found.Value.WhyMissing;

    /// <summary>Runs a script.</summary>
    /// <param name="script">Python.</param>
    /// <param name="arguments">Its arguments, from <c>sys.argv[1]</c> on.</param>
    /// <returns>The exit code, and everything that it wrote.</returns>
    public static (int ExitCode, string Output) Run(string script, params string[] arguments) =>
        Run(Found.Value.Python ?? throw new InvalidOperationException(WhyMissing), script, arguments);

    private static (string? Python, string? WhyMissing) Find()
    {
        var reasons = new List<string>();
        foreach (string python in Candidates)
        {
            try
            {
                (int code, string output) = Run(python, "import torch", []);
                if (code == 0)
                    return (python, null);
                reasons.Add($"{python}: {output.Trim().Split('\n')[^1]}");
            }
            catch (Win32Exception exception)
            {
                reasons.Add($"{python}: {exception.Message}");
            }
        }

        return (null, $"no Python here imports torch ({string.Join("; ", reasons)})");
    }

    private static (int ExitCode, string Output) Run(string python, string script, string[] arguments)
    {
        var start = new ProcessStartInfo(python, ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
