using VaPi.GoldenCheck;
using VaPi.Models.Tests.Support;

namespace VaPi.Models.Tests.GoldenCheck;

/// <summary>One run of the golden check over everything that is shipped, for all tests that look at it.</summary>
public sealed class GoldenRun
{
    public static readonly IReadOnlyList<string> Folders = ["recipe", "off-policy-kl", "metrics"];

    public GoldenRun() => (ExitCode, Lines, _) = Run([.. Folders.Select(GoldenFiles.Folder)]);

    public int ExitCode { get; }

    public IReadOnlyList<string> Lines { get; }

    public static (int ExitCode, IReadOnlyList<string> Lines, string Errors) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int exitCode = CommandLine.Run(arguments, output, errors);
        return (exitCode, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), errors.ToString());
    }

    /// <summary>The quantities that ended so, without the columns behind them.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<string> lines, string verdict) =>
        [.. lines.Where(line => line.Contains("  " + verdict, StringComparison.Ordinal)).Select(line => line.Split("   ", 2)[0])];
}
