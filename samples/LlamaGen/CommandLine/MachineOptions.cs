using LlamaGen.Memory;
using static TorchSharp.torch;

namespace LlamaGen.CommandLine;

/// <summary>Where it runs, and what is known of that place.</summary>
internal sealed record MachineOptions
{
    private const int MostMemory = 1_000_000; // GB

    public static IReadOnlyList<CommandLineOption<MachineOptions>> Known { get; } =
    [
        new("--device", "NAME", "cpu, or cuda in a build with -p:VaPiBackend=cuda-linux or cuda-windows (default: cpu)", (options, value) => options with { DeviceName = value.OneOf(["cpu", "cuda"]) }),
        new("--memory", "GB", "the memory to compare the need with, in units of 10^9 bytes (default: what the system says is available; on cuda nothing is compared)", (options, value) => options with { Memory = value.Decimal(0, MostMemory) }),
        new("--ignore-memory", null, "start even if the need is more than there is (default: refuse)", (options, _) => options with { IgnoreMemory = true }),
    ];

    public string DeviceName { get; init; } = "cpu";

    public double? Memory { get; init; }

    public bool IgnoreMemory { get; init; }

    /// <exception cref="CommandException">The device is not there.</exception>
    public Device Device()
    {
        if (DeviceName == "cpu")
            return CPU;
        return cuda.is_available()
            ? CUDA
            : throw new CommandException("--device is cuda, but libtorch finds no GPU here. Build with -p:VaPiBackend=cuda-linux or cuda-windows, or leave the option out.");
    }

    /// <summary>In bytes; null where it cannot be told.</summary>
    public long? AvailableBytes() => Memory is double memory ? (long)(memory * 1e9) : DeviceName == "cpu" ? MachineMemory.AvailableBytes() : null;
}
