using VaPi.GpuCheck;

try
{
    return CommandLine.Run(args, Console.Out, Console.Error);
}
catch (TypeInitializationException error) when (error.InnerException is { } reason)
{
    // What VAPI_LIBTORCH names is looked at before the first line that uses VaPi.
    Console.Error.WriteLine(reason.Message);
    return 64;
}
