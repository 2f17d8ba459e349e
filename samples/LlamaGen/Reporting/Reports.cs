using Spectre.Console;

namespace LlamaGen.Reporting;

/// <summary>Chooses the report that suits where the output goes.</summary>
internal static class Reports
{
    public static IReport ForThisTerminal() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")) // Spectre.Console knows some build servers by name; nearly all set this
        && AnsiConsole.Console is { Profile.Capabilities: { Ansi: true, Interactive: true } } console
            ? new TerminalReport(console)
            : new PlainReport(Console.Out);
}
