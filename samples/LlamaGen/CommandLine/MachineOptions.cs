using LlamaGen.Memory;
using VaPi.Native;
using static TorchSharp.torch;

namespace LlamaGen.CommandLine;

/// <summary>Where it runs, and what is known of that place.</summary>
internal sealed record MachineOptions
{
    private const int MostMemory = 1_000_000; // GB

    public static IReadOnlyList<CommandLineOption<MachineOptions>> Known { get; } =
    [
        new("--device", "NAME", "cpu, or cuda or cuda:1 with a libtorch for it, see docs/cuda.md (default: cpu)", (options, value) => options with { DeviceName = NameOf(value) }),
        new("--memory", "GB", "the memory to compare the need with, in units of 10^9 bytes (default: what the system says is available; on cuda nothing is compared)", (options, value) => options with { Memory = value.Decimal(0, MostMemory) }),
        new("--ignore-memory", null, "start even if the need is more than there is (default: refuse)", (options, _) => options with { IgnoreMemory = true }),
    ];

    public string DeviceName { get; init; } = "cpu";

    public double? Memory { get; init; }

    public bool IgnoreMemory { get; init; }

    /// <exception cref="CommandException">The device is not there.</exception>
    public Device Device()
    {
        try
        {
            return ComputeDevice.Parse(DeviceName);
        }
        catch (LibTorchException exception)
        {
            throw new CommandException(exception.Message, exception);
        }
    }

    /// <summary>In bytes; null where it cannot be told.</summary>
    public long? AvailableBytes() => Memory is double memory ? (long)(memory * 1e9) : DeviceName == "cpu" ? MachineMemory.AvailableBytes() : null;

    private static string NameOf(CommandLineValue value) => ComputeDevice.IsName(value.Text)
        ? value.Text
        : throw new ArgumentException($"{value.Option} is '{value.Text}' but must be cpu, cuda, or cuda: and a number, such as cuda:1.");
}
