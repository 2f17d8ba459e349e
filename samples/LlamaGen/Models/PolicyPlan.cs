using LlamaGen.CommandLine;
using VaPi.Models.LlamaGen;
using static System.FormattableString;
using static TorchSharp.torch;

namespace LlamaGen.Models;

/// <summary>The policy that a command will use, known before its weights are loaded.</summary>
internal sealed record PolicyPlan(LlamaGenConfiguration Configuration, string? Path, ScalarType Type)
{
    /// <param name="options">The program's arguments.</param>
    /// <param name="tokenizer">The tokenizer that makes its tokens.</param>
    /// <param name="captions">Whether it is to be conditioned on captions rather than classes.</param>
    /// <exception cref="CommandException">Policy, tokenizer and condition do not fit together.</exception>
    /// <exception cref="VaPi.Checkpoints.CheckpointException">The file holds no such policy.</exception>
    public static PolicyPlan Of(ModelOptions options, TokenizerPlan tokenizer, bool captions)
    {
        int grid = tokenizer.Configuration.ImageSize.Width / tokenizer.Configuration.Downsampling;
        LlamaGenConfiguration configuration = options is { Policy: { } path, RandomWeights: null }
            ? LlamaGenConfiguration.Recognise(path, grid)
            : Named(options.RandomWeights!, grid, captions);
        if (configuration.IsTextConditional != captions)
        {
            throw new CommandException(captions
                ? $"The policy '{options.Policy}' is conditioned on classes, but captions are asked for. Take a text-conditional checkpoint."
                : $"The policy '{options.Policy}' is conditioned on captions, but classes are asked for. Take a class-conditional checkpoint.");
        }

        return configuration.VocabularySize == tokenizer.Configuration.CodebookSize
            ? new PolicyPlan(configuration, options.Policy, options.PolicyType)
            : throw new CommandException($"The policy chooses from {configuration.VocabularySize} tokens, but the tokenizer's codebook has {tokenizer.Configuration.CodebookSize}. Take the tokenizer that the policy was trained with.");
    }

    /// <summary>As in <c>XXL, class-conditional, 1,411,000,000 parameters in bfloat16, from 'c2i_XXL_384.pt'</c>.</summary>
    public override string ToString() => Invariant(
        $"{ModelSizes.NameOf(Configuration)}, {(Configuration.IsTextConditional ? "text" : "class")}-conditional, {Configuration.ParameterCount:N0} parameters{(Type == ScalarType.Float32 ? "" : Invariant($" in {Type.ToString().ToLowerInvariant()}"))}, {(Path is null ? "random weights" : $"from '{Path}'")}");

    /// <returns>Belongs to the caller.</returns>
    public LlamaGenPolicy Load(Device device) => Path is null
        ? LlamaGenPolicy.Create(Configuration, device: device, type: Type)
        : LlamaGenPolicy.Load(Path, Configuration, device, Type);

    private static LlamaGenConfiguration Named(string size, int grid, bool captions)
    {
        LlamaGenConfiguration configuration = ModelSizes.Policy(size, grid);
        return captions ? configuration.WithCaptions() : configuration;
    }
}
