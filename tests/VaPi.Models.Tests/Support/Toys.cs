using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Support;

/// <summary>Models small enough for a test, with weights that make every part of them count.</summary>
internal static class Toys
{
    public const int Classes = 5;
    public const int Tokens = 16;
    public const int Vocabulary = 40;

    public static LlamaGenConfiguration PolicyShape { get; } = new()
    {
        Layers = 2,
        Heads = 4,
        Width = 32,
        VocabularySize = Vocabulary,
        GridSize = 4,
        Classes = Classes,
        FeedForwardMultiple = 16,
    };

    /// <summary>6x4 tokens of 12x8 pixels: not square, so that rows and columns cannot be mistaken for each other.</summary>
    public static LlamaGenTokenizerConfiguration TokenizerShape { get; } = new()
    {
        ImageSize = new ImageSize(12, 8),
        BaseChannels = 32,
        ChannelMultipliers = [1, 2],
        ResidualBlocks = 1,
        LatentChannels = 8,
        CodebookSize = Vocabulary,
        CodebookWidth = 4,
    };

    /// <summary>A policy with larger weights than at the start of training, whose head would be zero.</summary>
    public static LlamaGenPolicy Policy(LlamaGenConfiguration? configuration = null, long seed = 1)
    {
        LlamaGenPolicy policy = LlamaGenPolicy.Create(configuration ?? PolicyShape, seed);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var generator = new Generator((ulong)seed + 100);
        foreach ((string name, Parameter parameter) in policy.NamedParameters())
        {
            double scale = name.Contains("embedding", StringComparison.Ordinal) || name == "output.weight" ? 1 : 0.2;
            parameter.copy_(name.Contains("norm", StringComparison.Ordinal)
                ? rand(parameter.shape, generator: generator) + 0.5
                : randn(parameter.shape, generator: generator) * scale);
        }

        return policy;
    }

    public static LlamaGenTokenizer Tokenizer(long seed = 1) => LlamaGenTokenizer.Create(TokenizerShape, seed);

    public static Parameter Named(LlamaGenPolicy policy, string name) => policy.NamedParameters().Single(named => named.Name == name).Parameter;

    /// <returns>(count, T) tokens; belongs to the caller.</returns>
    public static Tensor Context(int count, ulong seed = 3)
    {
        using var generator = new Generator(seed);
        return randint(0, Vocabulary, [count, Tokens], ScalarType.Int64, generator: generator);
    }

    /// <returns>(count, 3, 12, 8) in [-1, 1]; belongs to the caller.</returns>
    public static Tensor Images(int count, ulong seed = 4)
    {
        using var generator = new Generator(seed);
        return rand([count, 3, 12, 8], generator: generator).mul_(2).sub_(1);
    }

    /// <returns>(B, T, V) in evaluation mode, without gradients; belongs to the caller.</returns>
    public static Tensor Logits(LlamaGenPolicy policy, Condition condition, Tensor context)
    {
        using IDisposable gradients = no_grad();
        using Tensor features = policy.Features(condition, context, PolicyMode.Evaluation);
        return policy.Head(features);
    }
}
