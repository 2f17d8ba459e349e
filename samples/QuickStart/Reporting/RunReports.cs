using Spectre.Console;

namespace QuickStart.Reporting;

/// <summary>Chooses the report that suits where the output goes.</summary>
internal static class RunReports
{
    /// <summary>
    /// A live display on a terminal that can be written to at any place; a plain log in files, pipes, terminals that cannot
    /// (TERM=dumb) and build servers. NO_COLOR leaves the display without colours.
    /// </summary>
    public static IRunReport ForThisTerminal() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")) // Spectre.Console knows some build servers by name; nearly all set this
        && AnsiConsole.Console is { Profile.Capabilities: { Ansi: true, Interactive: true } } console
            ? new InteractiveReport(console)
            : new PlainReport(Console.Out);
}
