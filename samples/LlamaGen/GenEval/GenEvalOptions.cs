using LlamaGen.CommandLine;

namespace LlamaGen.GenEval;

/// <summary>The arguments of <c>geneval</c>.</summary>
internal sealed record GenEvalOptions
{
    private const int MostImages = 10_000; // their names have four digits

    private static readonly GenEvalOptions Default = new();

    public static IReadOnlyList<CommandLineOption<GenEvalOptions>> Known { get; } =
    [
        .. ModelOptions.Known.Within<ModelOptions, GenEvalOptions>(options => options.Models, (options, models) => options with { Models = models }),
        new("--prompts", "FILE", "GenEval's evaluation_metadata.jsonl: a JSON object with a prompt a line", (options, value) => options with { Prompts = value.File() }),
        new("--captions", "DIR", "the prompts' features: 0.npy for the first prompt, 1.npy, ...; .safetensors too", (options, value) => options with { Captions = value.Folder() }),
        new("--images-per-prompt", "N", $"images of each prompt (default: {Default.ImagesPerPrompt}, as GenEval has it)", (options, value) => options with { ImagesPerPrompt = value.Number(1, MostImages) }),
        new("--batch-size", "N", $"images generated at a time; the images do not depend on it (default: {Default.BatchSize})", (options, value) => options with { BatchSize = value.Number(1, 4096) }),
        .. SamplingOptions.Known(Default.Sampling).Within<SamplingOptions, GenEvalOptions>(options => options.Sampling, (options, sampling) => options with { Sampling = sampling }),
        new("--output", "DIR", $"where GenEval's folders go; made if there is none. A run that was stopped goes on there (default: {Default.Output})", (options, value) => options with { Output = value.Folder() }),
        .. MachineOptions.Known.Within<MachineOptions, GenEvalOptions>(options => options.Machine, (options, machine) => options with { Machine = machine }),
    ];

    public ModelOptions Models { get; init; } = new();

    public MachineOptions Machine { get; init; } = new();

    /// <summary>The published sampling.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Guidance = 7.5, TopK = 2000 };

    public string Prompts { get; init; } = "";

    public string Captions { get; init; } = "";

    public int ImagesPerPrompt { get; init; } = 4;

    public int BatchSize { get; init; } = 4;

    public string Output { get; init; } = "llamagen-output/geneval";

    /// <exception cref="ArgumentException">An option is unknown or out of its range, or one is missing.</exception>
    public static GenEvalOptions Parse(IReadOnlyList<string> arguments)
    {
        GenEvalOptions options = CommandLineParser.Parse(Known, Default, arguments);
        options.Models.Check(needsPolicy: true);
        if (options.Prompts.Length == 0)
            throw new ArgumentException("--prompts FILE is missing: GenEval's evaluation_metadata.jsonl.");
        if (options.Captions.Length == 0)
            throw new ArgumentException("--captions DIR is missing: the folder with the prompts' features, 0.npy, 1.npy, ...");
        return options;
    }
}
