using QuickStart;

QuickStartOptions options;
try
{
    options = QuickStartOptions.Parse(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(QuickStartOptions.Help);
    return 64;
}

if (options.ShowHelp)
{
    Console.WriteLine(QuickStartOptions.Help);
    return 0;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};
try
{
    if (options.TrainBase)
        QuickStart.BaseTraining.BaseModels.Train(options);
    await Walkthrough.RunAsync(options, cancellation.Token);
    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Cancelled.");
    return 130;
}
catch (Exception exception) when (exception is IOException or InvalidDataException or VaPi.Checkpoints.CheckpointException or UnauthorizedAccessException)
{
    // What the user can mend: a folder, a photograph, a file. Anything else is a defect and shows its stack.
    Console.Error.WriteLine(exception.Message);
    return 1;
}
