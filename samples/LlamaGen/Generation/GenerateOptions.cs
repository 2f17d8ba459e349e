using LlamaGen.CommandLine;

namespace LlamaGen.Generation;

/// <summary>The arguments of <c>generate</c>.</summary>
internal sealed record GenerateOptions
{
    // ImageNet's golden retriever, otter, red panda, geyser, macaw, valley, balloon and Arctic fox.
    private static readonly int[] Demonstration = [207, 360, 387, 974, 88, 979, 417, 279];

    private static readonly GenerateOptions Default = new();

    public static IReadOnlyList<CommandLineOption<GenerateOptions>> Known { get; } =
    [
        .. ModelOptions.Known.Within<ModelOptions, GenerateOptions>(options => options.Models, (options, models) => options with { Models = models }),
        new("--classes", "N,N,...", $"class labels, from 0 to one below the policy's classes; -1 for no class (default: {string.Join(",", Demonstration)})", (options, value) => options with { Classes = value.Numbers(-1, int.MaxValue) }),
        new("--captions", "PATH", "for a text-conditional policy: caption features, a .npy or .safetensors file of (n, 2048), or a folder of such files (default: class labels)", (options, value) => options with { Captions = value.File() }),
        new("--count", "N", $"images of each class or caption (default: {Default.Count})", (options, value) => options with { Count = value.Number(1, 100_000) }),
        new("--batch-size", "N", $"images generated at a time; the images do not depend on it (default: {Default.BatchSize})", (options, value) => options with { BatchSize = value.Number(1, 4096) }),
        .. SamplingOptions.Known(Default.Sampling).Within<SamplingOptions, GenerateOptions>(options => options.Sampling, (options, sampling) => options with { Sampling = sampling }),
        new("--output", "DIR", $"where the images go; made if there is none (default: {Default.Output})", (options, value) => options with { Output = value.Folder() }),
        .. MachineOptions.Known.Within<MachineOptions, GenerateOptions>(options => options.Machine, (options, machine) => options with { Machine = machine }),
    ];

    public ModelOptions Models { get; init; } = new();

    public MachineOptions Machine { get; init; } = new();

    public SamplingOptions Sampling { get; init; } = new() { Guidance = 4, TopK = 2000 };

    public IReadOnlyList<int>? Classes { get; init; }

    public string? Captions { get; init; }

    public int Count { get; init; } = 1;

    public int BatchSize { get; init; } = 8;

    public string Output { get; init; } = "llamagen-output/generated";

    /// <summary>The labels asked for, or those of the demonstration that the policy has.</summary>
    public IReadOnlyList<int> LabelsOf(int classes) => Classes ?? (Demonstration.All(label => label < classes) ? Demonstration : [.. Enumerable.Range(0, Math.Min(8, classes))]);

    /// <exception cref="ArgumentException">An option is unknown or out of its range, or two do not fit together.</exception>
    public static GenerateOptions Parse(IReadOnlyList<string> arguments)
    {
        GenerateOptions options = CommandLineParser.Parse(Known, Default, arguments);
        options.Models.Check(needsPolicy: true);
        return options is { Captions: not null, Classes: not null }
            ? throw new ArgumentException("--classes and --captions exclude each other: a policy is conditioned on one or the other.")
            : options;
    }
}
