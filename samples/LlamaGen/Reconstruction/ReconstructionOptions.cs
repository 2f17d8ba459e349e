using LlamaGen.CommandLine;

namespace LlamaGen.Reconstruction;

/// <summary>The arguments of <c>evaluate-reconstruction</c>.</summary>
internal sealed record ReconstructionOptions
{
    private static readonly ReconstructionOptions Default = new();

    public static IReadOnlyList<CommandLineOption<ReconstructionOptions>> Known { get; } =
    [
        .. ModelOptions.TokenizerOnly.Within<ModelOptions, ReconstructionOptions>(options => options.Models, (options, models) => options with { Models = models }),
        new("--images", "DIR", "JPEG, PNG or WebP files in this folder and those below it; centre crops are taken", (options, value) => options with { Images = value.Folder() }),
        new("--limit", "N", "take the first N images, in the order of their paths (default: all)", (options, value) => options with { Limit = value.Number(1, int.MaxValue) }),
        new("--batch-size", "N", $"images at a time (default: {Default.BatchSize})", (options, value) => options with { BatchSize = value.Number(1, 4096) }),
        new("--output", "DIR", $"where the results go; made if there is none (default: {Default.Output})", (options, value) => options with { Output = value.Folder() }),
        .. MachineOptions.Known.Within<MachineOptions, ReconstructionOptions>(options => options.Machine, (options, machine) => options with { Machine = machine }),
    ];

    public ModelOptions Models { get; init; } = new();

    public MachineOptions Machine { get; init; } = new();

    public string Images { get; init; } = "";

    public int? Limit { get; init; }

    public int BatchSize { get; init; } = 4;

    public string Output { get; init; } = "llamagen-output/reconstruction";

    /// <exception cref="ArgumentException">An option is unknown or out of its range, or one is missing.</exception>
    public static ReconstructionOptions Parse(IReadOnlyList<string> arguments)
    {
        ReconstructionOptions options = CommandLineParser.Parse(Known, Default, arguments);
        options.Models.Check(needsPolicy: false);
        return options.Images.Length > 0 ? options : throw new ArgumentException("--images DIR is missing.");
    }
}
