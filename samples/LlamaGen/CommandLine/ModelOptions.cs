using LlamaGen.Models;
using static TorchSharp.torch;

namespace LlamaGen.CommandLine;

/// <summary>Which policy and tokenizer.</summary>
internal sealed record ModelOptions
{
    private const int LargestImage = 4096;

    private static readonly Dictionary<string, ScalarType> PolicyTypes = new() { ["float32"] = ScalarType.Float32, ["bfloat16"] = ScalarType.BFloat16 };

    public static IReadOnlyList<CommandLineOption<ModelOptions>> Known { get; } =
    [
        new("--policy", "FILE", "the generator: .pt, .pth or .safetensors, or the index file of sharded safetensors; its size, and whether it takes classes or captions, is recognised", (options, value) => options with { Policy = value.File() }),
        new("--policy-type", "NAME", $"{string.Join(" or ", PolicyTypes.Keys)}: how the policy's weights are held and what it computes in, whatever its file has; bfloat16 takes less memory and is less precise (default: {DefaultType})", (options, value) => options with { PolicyTypeName = value.OneOf([.. PolicyTypes.Keys]) }),
        .. TokenizerOnly,
    ];

    /// <summary>Those of a command without a policy.</summary>
    public static IReadOnlyList<CommandLineOption<ModelOptions>> TokenizerOnly =>
    [
        new("--tokenizer", "FILE", "the VQ tokenizer, in one of the same formats; VQ-16 or VQ-8 is recognised", (options, value) => options with { Tokenizer = value.File() }),
        new("--random-weights", "SIZE", $"try the program without files: what is not given gets random weights of this size, one of {string.Join(", ", ModelSizes.Names)}; tiny has {ModelSizes.TinyImage}x{ModelSizes.TinyImage} pixels and takes seconds. A --policy beside it is read as one of this size (default: none)", (options, value) => options with { RandomWeights = value.OneOf(ModelSizes.Names) }),
        new("--image-size", "N", $"pixels of a side, a multiple of the tokenizer's 16 or 8 (default: {DefaultSize})", (options, value) => options with { ImageSize = value.Number(1, LargestImage) }),
    ];

    public string? Policy { get; init; }

    public string PolicyTypeName { get; init; } = DefaultType;

    public ScalarType PolicyType => PolicyTypes[PolicyTypeName];

    public string? Tokenizer { get; init; }

    public string? RandomWeights { get; init; }

    public int? ImageSize { get; init; }

    private static string DefaultType => "float32";

    private static string DefaultSize => $"that of the published model or recipe, 256 or 384; {ModelSizes.TinyImage} for tiny";

    /// <exception cref="ArgumentException">A file is missing, and nothing says to do without.</exception>
    public void Check(bool needsPolicy)
    {
        List<string> missing = [];
        if (needsPolicy && Policy is null)
            missing.Add("--policy FILE");
        if (Tokenizer is null)
            missing.Add("--tokenizer FILE");
        if (missing.Count > 0 && RandomWeights is null)
            throw new ArgumentException($"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} missing. Name LlamaGen's files, or try the program with --random-weights tiny.");
    }
}
