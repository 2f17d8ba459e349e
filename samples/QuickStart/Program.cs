using QuickStart;
using QuickStart.CommandLine;
using QuickStart.Reporting;
using VaPi.Checkpoints;

QuickStartOptions options;
try
{
    options = QuickStartOptions.Parse(args);
}
catch (ArgumentException exception)
{
    Complain($"{exception.Message} --help explains every option.");
    return 64;
}

if (options.ShowHelp)
{
    Console.WriteLine(QuickStartOptions.HelpText);
    return 0;
}

using IRunReport report = RunReports.ForThisTerminal();
using var stop = new StopSignals(
    stopping: () => report.Note("Stopping after the step under way; Ctrl-C again ends at once."),
    ending: report.Dispose);
var outcome = new RunOutcome { Planned = options.Rollouts };
try
{
    await Walkthrough.RunAsync(options, outcome, report, stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
{
    report.Dispose();
    Complain(outcome.ToString());
    return 130;
}
catch (Exception exception) when (exception is IOException or InvalidDataException or CheckpointException or UnauthorizedAccessException)
{
    // What the user can mend: a folder, a photograph, a file. Anything else is a defect and shows its stack.
    report.Dispose();
    Complain(exception.Message);
    if (outcome.Policy is not null)
        Complain(outcome.ToString());
    return 1;
}

static void Complain(string message)
{
    try
    {
        Console.Error.WriteLine(message);
    }
    catch (IOException)
    {
        // The terminal is gone; the exit code tells the rest.
    }
}
