using VaPi.Fuzz.Running;
using static TorchSharp.torch;

FuzzOptions options;
try
{
    options = FuzzOptions.Parse(args);
}
catch (ArgumentException error)
{
    Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine("--help lists the options.");
    return 64;
}

if (options.ShowHelp || options.ListReaders)
{
    Console.WriteLine(options.ShowHelp ? FuzzOptions.Help : string.Join('\n', options.Readers));
    return 0;
}

set_num_threads(1);
if (options.Progress is null && options.Case is null)
    return new LongRun(options, Console.Out).Run() ? 0 : 1;

string folder = Directory.CreateTempSubdirectory("vapi-fuzz-").FullName;
try
{
    return options.Progress is not null ? ChildRun.Run(options, folder, Console.Out) : SingleCase.Run(options, folder, Console.Out) ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
