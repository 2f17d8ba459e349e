using VaPi.GpuCheck.Golden;
using VaPi.GpuCheck.Machine;
using VaPi.GpuCheck.Rollouts;
using VaPi.Native;
using static TorchSharp.torch;

namespace VaPi.GpuCheck;

/// <summary>Chooses libtorch, runs what the arguments ask for, and writes it as JSON.</summary>
internal static class CommandLine
{
    public const int Passed = 0;
    public const int Failed = 1;
    public const int Misused = 64;

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter log)
    {
        try
        {
            GpuCheckOptions options = GpuCheckOptions.Parse(arguments);
            if (options.ShowHelp)
            {
                output.WriteLine(GpuCheckOptions.Help);
                return Passed;
            }

            LibTorchInstallation libtorch = Choose(options);
            Device device = ComputeDevice.Parse(options.Device);
            return options.Child is { } child ? RunChild(child, options, device, output) : RunAll(options, libtorch, device, output, log);
        }
        catch (ArgumentException error)
        {
            log.WriteLine(error.Message);
            log.WriteLine("--help lists the options.");
            return Misused;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.WriteLine(error.Message);
            return Misused;
        }
        catch (Exception error) when ((error.InnerException ?? error) is LibTorchException reason)
        {
            log.WriteLine(reason.Message);
            return Misused;
        }
    }

    private static LibTorchInstallation Choose(GpuCheckOptions options)
    {
        // Where the environment has chosen already, naming another is an error, not overruled.
        if (options.LibTorch is null)
            return LibTorch.InUse ?? LibTorch.UsePython(anyVersion: options.AnyVersion);
        return File.Exists(options.LibTorch) ? LibTorch.UsePython(options.LibTorch, options.AnyVersion) : LibTorch.UseFolder(options.LibTorch, options.AnyVersion);
    }

    private static int RunChild(RolloutCase child, GpuCheckOptions options, Device device, TextWriter output)
    {
        using var report = new JsonReport(output, indented: false);
        RolloutRun.Measure(child, options, device).Write(report.Json);
        return Passed;
    }

    private static int RunAll(GpuCheckOptions options, LibTorchInstallation libtorch, Device device, TextWriter output, TextWriter log)
    {
        using StreamWriter? file = options.Json is { } path ? new StreamWriter(path) : null;
        using var report = new JsonReport(file ?? output, indented: true);
        report.Json.WriteStartObject();
        MachineReport.Write(report.Json, libtorch, device);
        bool allRight = true;
        if (options.GoldenFolders.Count > 0)
            allRight &= GoldenRun.Write(report.Json, options.GoldenFolders, device, log);
        if (options.Sizes.Count > 0)
            allRight &= RolloutRuns.Write(report.Json, options, MatrixRate.Write(report.Json, device, log), log);
        report.Json.WriteEndObject();
        return allRight ? Passed : Failed;
    }
}
