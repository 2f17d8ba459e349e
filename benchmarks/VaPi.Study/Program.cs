using System.Globalization;
using TorchSharp;
using VaPi.Study;

StudyOptions options;
try
{
    options = StudyOptions.Parse(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(StudyOptions.Help);
    return 64;
}

if (options.Study is null)
{
    Console.WriteLine(StudyOptions.Help);
    return 0;
}

// One thread unless OMP_NUM_THREADS asks for more: models this small gain nothing from a second, and runs repeat exactly.
string? threads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS");
torch.set_num_threads(int.TryParse(threads, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : 1);

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};
try
{
    options.Study.Run(options, cancellation.Token);
    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Cancelled. The same command goes on with the runs that are left.");
    return 130;
}
