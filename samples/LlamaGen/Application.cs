using LlamaGen.Alignment;
using LlamaGen.CommandLine;
using LlamaGen.Generation;
using LlamaGen.GenEval;
using LlamaGen.Reconstruction;
using LlamaGen.Reporting;
using VaPi.Checkpoints;
using VaPi.Rewards;

namespace LlamaGen;

/// <summary>The program, apart from its process: chooses the command and turns what goes wrong into exit codes.</summary>
internal static class Application
{
    private const int Completed = 0;
    private const int ToMend = 1;
    private const int WrongArguments = 64;
    private const int Stopped = 130;

    private static readonly Command[] Commands = [GenerateCommand.Command, AlignCommand.Command, ReconstructionCommand.Command, GenEvalCommand.Command];

    /// <param name="arguments">The command and its options.</param>
    /// <param name="report">Told how it goes.</param>
    /// <param name="errors">Gets what went wrong.</param>
    /// <param name="cancellationToken">Stops the command.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, IReport report, TextWriter errors, CancellationToken cancellationToken)
    {
        bool help = arguments.Any(argument => argument is "--help" or "-h" or "-?");
        if (arguments.Count == 0 || (help && !Commands.Any(command => command.Name == arguments[0])))
        {
            report.Line(CommandHelp.OfProgram(Commands));
            return arguments.Count == 0 ? WrongArguments : Completed;
        }

        Action<IReport, CancellationToken> run;
        try
        {
            Command command = Find(arguments[0]);
            if (help)
            {
                report.Line(command.Help());
                return Completed;
            }

            run = command.Parse([.. arguments.Skip(1)]);
        }
        catch (ArgumentException exception)
        {
            Complain(errors, $"{exception.Message} --help explains every option.");
            return WrongArguments;
        }

        try
        {
            run(report, cancellationToken);
            return Completed;
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            Complain(errors, exception is StoppedException ? exception.Message : "Stopped before anything was made.");
            return Stopped;
        }
        catch (Exception exception) when (exception is CommandException or IOException or InvalidDataException or CheckpointException or RewardException or UnauthorizedAccessException)
        {
            // What the user can mend: a folder, an image, a file. Anything else is a defect and shows its stack.
            Complain(errors, exception.Message);
            return ToMend;
        }
    }

    private static Command Find(string name)
    {
        if (Commands.FirstOrDefault(command => command.Name == name) is { } found)
            return found;
        string? nearest = NearestName.Of(name, Commands.Select(command => command.Name));
        throw new ArgumentException($"There is no command '{name}'; the commands are {Wording.List([.. Commands.Select(command => command.Name)])}.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
    }

    private static void Complain(TextWriter errors, string message)
    {
        try
        {
            errors.WriteLine(message);
        }
        catch (IOException)
        {
            // The terminal is gone; the exit code tells the rest.
        }
    }
}
