using LlamaGen.CommandLine;
using static TorchSharp.torch;

namespace LlamaGen.Alignment;

/// <summary>The arguments of <c>align</c>.</summary>
internal sealed record AlignOptions
{
    private const string DefaultPolicyFile = "policy.safetensors";

    private static readonly string[] PolicyExtensions = [".safetensors", ".pt", ".pth"];
    private static readonly AlignOptions Default = new();

    private static readonly Dictionary<string, ScalarType> StoredTypes = new()
    {
        ["float32"] = ScalarType.Float32,
        ["bfloat16"] = ScalarType.BFloat16,
        ["float16"] = ScalarType.Float16,
    };

    public static IReadOnlyList<CommandLineOption<AlignOptions>> Known { get; } =
    [
        new("--recipe", "NAME", $"the published hyper-parameters to start from: {string.Join(", or ", Recipes.All.Select(recipe => $"{recipe.Name} for {recipe.PublishedFor}"))} (default: {Default.RecipeName})", (options, value) => options with { RecipeName = value.OneOf([.. Recipes.All.Select(recipe => recipe.Name)]) }),
        .. ModelOptions.Known.Within<ModelOptions, AlignOptions>(options => options.Models, (options, models) => options with { Models = models }),
        new("--images", "DIR", "class to image: a folder with one sub-folder a class. Text to image: the folder that image paths of --captions start from (default: that of the file)", (options, value) => options with { Images = value.Folder() }),
        new("--captions", "FILE", "text to image: a .jsonl file with an image_path a line", (options, value) => options with { Captions = value.File() }),
        new("--features", "DIR", "text to image: caption features, in it a folder called as the .jsonl file and there 0.npy, 1.npy, ... by line", (options, value) => options with { Features = value.Folder() }),
        new("--short-features", "DIR", "text to image: features of short captions in the same layout, taken instead for 0.3 of the draws (default: none)", (options, value) => options with { ShortFeatures = value.Folder() }),
        new("--reward", "NAME", $"{string.Join(", ", RewardChoice.Names)}: minus the mean squared or absolute error, with LPIPS or without (default: {Default.Reward})", (options, value) => options with { Reward = value.OneOf(RewardChoice.Names) }),
        new("--vgg", "FILE", "torchvision's VGG-16 weights, for LPIPS", (options, value) => options with { Vgg = value.File() }),
        new("--lpips", "FILE", "LPIPS 0.1's linear heads for VGG", (options, value) => options with { Lpips = value.File() }),
        .. RecipeOptions.Known.Select(option => new CommandLineOption<AlignOptions>(option.Name, option.ValueName, option.Description, (options, value) => options.Override(option, value))),
        new("--checkpoint-activations", null, "keep only each block's input for the backward pass, which computes the blocks again: far less memory, up to a third more time in training, the same policy (default: keep what the blocks computed)", (options, _) => options with { CheckpointActivations = true }),
        new("--output", "DIR", $"where the results go; made if there is none (default: {Default.Output})", (options, value) => options with { Output = value.Folder() }),
        new("--save", "FILE", $"the aligned policy; .pt or .pth for PyTorch, or .safetensors (default: {DefaultPolicyFile} in --output)", (options, value) => options with { Save = value.File() }),
        new("--save-type", "NAME", $"{string.Join(", ", StoredTypes.Keys)}: how its numbers are stored; float32 keeps what --policy-type bfloat16 has learned below its precision (default: {Default.SaveType})", (options, value) => options with { SaveType = value.OneOf([.. StoredTypes.Keys]) }),
        new("--skip-measurement", null, "begin without measuring how long a rollout will take (default: measure)", (options, _) => options with { SkipMeasurement = true }),
        .. MachineOptions.Known.Within<MachineOptions, AlignOptions>(options => options.Machine, (options, machine) => options with { Machine = machine }),
    ];

    public ModelOptions Models { get; init; } = new();

    public MachineOptions Machine { get; init; } = new();

    public string RecipeName { get; init; } = Recipes.All[0].Name;

    public string? Images { get; init; }

    public string? Captions { get; init; }

    public string? Features { get; init; }

    public string? ShortFeatures { get; init; }

    public string Reward { get; init; } = RewardChoice.Published;

    public string? Vgg { get; init; }

    public string? Lpips { get; init; }

    public string Output { get; init; } = "llamagen-output/aligned";

    public string? Save { get; init; }

    public string SaveType { get; init; } = "float32";

    public bool CheckpointActivations { get; init; }

    public bool SkipMeasurement { get; init; }

    /// <summary>The recipe of that name with what was overridden, wherever in the arguments its name stands.</summary>
    public Recipe Recipe => Overrides.Aggregate(Recipes.Named(RecipeName), (recipe, change) => change(recipe));

    public string PolicyFile => Save ?? Path.Combine(Output, DefaultPolicyFile);

    private IReadOnlyList<Func<Recipe, Recipe>> Overrides { get; init; } = [];

    public ScalarType StoredType => StoredTypes[SaveType];

    /// <exception cref="ArgumentException">An option is unknown or out of its range, one is missing, or two do not fit together.</exception>
    public static AlignOptions Parse(IReadOnlyList<string> arguments)
    {
        AlignOptions options = CommandLineParser.Parse(Known, Default, arguments);
        options.Models.Check(needsPolicy: true);
        options.CheckData();
        if (RewardChoice.NeedsLpips(options.Reward) && (options.Vgg is null || options.Lpips is null))
            throw new ArgumentException($"--vgg FILE and --lpips FILE are needed for the reward {options.Reward}. Name both, or take --reward mse, which needs no files.");
        if (!PolicyExtensions.Contains(Path.GetExtension(options.PolicyFile), StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException($"--save is '{options.PolicyFile}' but must end in {string.Join(", ", PolicyExtensions)}.");

        // The trainer checks its options too, but only once the models are loaded.
        var validated = new VaPi.Alignment.AlignmentOptionsValidator().Validate(null, options.Recipe.ToOptions());
        return validated.Failed ? throw new ArgumentException($"The recipe is not usable: {validated.FailureMessage}") : options;
    }

    private void CheckData()
    {
        if (Recipe.Captions)
        {
            if (Captions is null || Features is null)
                throw new ArgumentException($"--captions FILE and --features DIR are needed for {RecipeName}, whose policy is conditioned on captions.");
        }
        else if (Captions is not null || Features is not null || ShortFeatures is not null)
        {
            throw new ArgumentException($"--captions and --features do not go with {RecipeName}, whose policy is conditioned on classes. Take --recipe t2i-xl-256.");
        }
        else if (Images is null)
        {
            throw new ArgumentException("--images DIR is missing: a folder with one sub-folder of images a class.");
        }
    }

    private AlignOptions Override(CommandLineOption<Recipe> option, CommandLineValue value)
    {
        _ = option.Apply(Recipes.All[0], value); // complains now, not when the recipe is looked at
        return this with { Overrides = [.. Overrides, recipe => option.Apply(recipe, value)] };
    }
}
