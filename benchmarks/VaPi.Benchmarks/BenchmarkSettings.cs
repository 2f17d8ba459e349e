using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace VaPi.Benchmarks;

/// <summary>How benchmarks run if the command line does not say otherwise: in this process, and all of them in about a minute and a half.</summary>
internal static class BenchmarkSettings
{
    public static IConfig For(IReadOnlyList<string> arguments)
    {
        ManualConfig settings = ManualConfig.CreateEmpty()
            .AddLogger(ConsoleLogger.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance);

        // A project that BenchmarkDotNet generated would lack this one's native libtorch, so whatever job is asked for runs here.
        settings.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator());
        bool jobIsChosen = arguments.Any(argument => argument is "-j" or "--job" || argument.StartsWith("--job=", StringComparison.Ordinal));
        return jobIsChosen
            ? settings
            : settings.AddJob(Job.Default.WithStrategy(RunStrategy.Monitoring).WithWarmupCount(2).WithIterationCount(15).WithId("brief"));
    }
}
