using LlamaGen.CommandLine;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace LlamaGen.Models;

/// <summary>The tokenizer that a command will use, known before its weights are loaded.</summary>
internal sealed record TokenizerPlan(LlamaGenTokenizerConfiguration Configuration, string? Path)
{
    /// <param name="options">The program's arguments.</param>
    /// <param name="published">The image size where neither the arguments nor a tiny tokenizer say.</param>
    /// <exception cref="CommandException">The image size does not suit the tokenizer.</exception>
    /// <exception cref="VaPi.Checkpoints.CheckpointException">The file holds no such tokenizer.</exception>
    public static TokenizerPlan Of(ModelOptions options, int published)
    {
        int imageSize = options.ImageSize ?? (options.RandomWeights == ModelSizes.Tiny ? ModelSizes.TinyImage : published);
        LlamaGenTokenizerConfiguration configuration = options.Tokenizer is null
            ? ModelSizes.Tokenizer(options.RandomWeights!, imageSize)
            : LlamaGenTokenizerConfiguration.Recognise(options.Tokenizer, imageSize);
        return imageSize % configuration.Downsampling == 0
            ? new TokenizerPlan(configuration, options.Tokenizer)
            : throw new CommandException($"--image-size is {imageSize}, but this tokenizer makes one token of {configuration.Downsampling}x{configuration.Downsampling} pixels; give a multiple of {configuration.Downsampling}.");
    }

    /// <returns>Belongs to the caller.</returns>
    public LlamaGenTokenizer Load(Device device) => Path is null
        ? LlamaGenTokenizer.Create(Configuration, device: device)
        : LlamaGenTokenizer.Load(Path, Configuration, device);
}
