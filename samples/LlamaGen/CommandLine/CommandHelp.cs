using System.Text;

namespace LlamaGen.CommandLine;

/// <summary>What <c>--help</c> prints.</summary>
internal static class CommandHelp
{
    public const string Start = "dotnet run -c Release --project samples/LlamaGen --";

    private static readonly (string, string)[] ExitCodes =
    [
        ("0", "completed"),
        ("1", "something to mend (a file, a folder, memory); the message says what"),
        ("64", "a command or an option is unknown or out of its range"),
        ("130", "stopped by Ctrl-C, or asked to end (SIGTERM, SIGHUP)"),
    ];

    public static string OfProgram(IEnumerable<Command> commands) =>
        new StringBuilder()
            .AppendParagraph("Generates images with LlamaGen's published models, aligns them with pixels (VA-pi), and measures their tokenizers.")
            .AppendLine($"usage: {Start} COMMAND [options]")
            .AppendLine()
            .AppendSection("commands", commands.Select(command => (command.Name, command.Summary)))
            .AppendParagraph("COMMAND --help explains every option with its default.")
            .AppendSection("exit codes", ExitCodes)
            .ToString().TrimEnd();

    /// <param name="name">The command.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="options">Its options.</param>
    /// <param name="results">The files that it writes.</param>
    /// <param name="stopping">What Ctrl-C leaves.</param>
    /// <param name="examples">Arguments after the command, and what they do.</param>
    public static string OfCommand<TOptions>(
        string name,
        string summary,
        IEnumerable<CommandLineOption<TOptions>> options,
        IEnumerable<(string File, string Content)> results,
        string stopping,
        IEnumerable<(string Arguments, string Description)> examples) =>
        new StringBuilder()
            .AppendParagraph(summary)
            .AppendLine($"usage: {Start} {name} [options]")
            .AppendLine()
            .AppendSection("options", [.. HelpSections.Described(options), ("--help", "this text; -h too")])
            .AppendSection("what comes out, in the folder of --output", results)
            .AppendParagraph($"{stopping} A second Ctrl-C ends at once.")
            .AppendSection("examples", examples.Select(example => ($"{Start} {name} {example.Arguments}", example.Description)), beside: false)
            .AppendSection("exit codes", ExitCodes)
            .ToString().TrimEnd();
}
