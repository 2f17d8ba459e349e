using VaPi.Checkpoints;

namespace VaPi.Models.LlamaGen;

/// <summary>The shape of a LlamaGen policy, conditioned on a class or on a caption.</summary>
public sealed record LlamaGenConfiguration
{
    /// <summary>The number of transformer blocks; at least 1.</summary>
    public required int Layers { get; init; }

    /// <summary>The number of attention heads; divides <see cref="Width"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>The number of key and value heads; divides <see cref="Heads"/>. Null for as many as heads.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>D, the width of the features. Width / heads must be a multiple of 4 (two rotary halves of pairs).</summary>
    public required int Width { get; init; }

    /// <summary>V, the number of tokens; the tokenizer's codebook size.</summary>
    public int VocabularySize { get; init; } = 16384;

    /// <summary>Rows and columns of the token grid: 16 for 256 px, 24 for 384 px, 32 for 512 px with a downsampling of 16.</summary>
    public int GridSize { get; init; } = 16;

    /// <summary>The number of classes; the table of embeddings has one more row, for "no class". Not used with captions.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>C, the places of a caption, which stand before the image's tokens; 0 for conditioning on a class. Published: 120.</summary>
    public int CaptionPlaces { get; init; }

    /// <summary>The features that the text encoder gives at each place of a caption. Published: 2048, flan-t5-xl's.</summary>
    public int CaptionWidth { get; init; } = 2048;

    /// <summary>The feed-forward width int(8/3 D) is rounded up to a multiple of this.</summary>
    public int FeedForwardMultiple { get; init; } = 256;

    /// <summary>Dropout in training mode, of embeddings, attention output and feed-forward; 0 … 1. Published: 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The share of labels or captions replaced by none in training mode; 0 … 1. Published: 0.1.</summary>
    public double ClassDropout { get; init; } = 0.1;

    /// <summary>Added to the mean square inside each RMS norm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>The base of the rotary frequencies.</summary>
    public double RotaryBase { get; init; } = 10000;

    /// <summary>T, the number of tokens of an image.</summary>
    public int TokenCount => GridSize * GridSize;

    /// <summary>The width of one attention head.</summary>
    public int HeadWidth => Width / Heads;

    /// <summary>The width inside the feed-forward layers.</summary>
    public int FeedForwardWidth
    {
        get
        {
            int wanted = (int)(2 * (4L * Width) / 3);
            return (wanted + FeedForwardMultiple - 1) / FeedForwardMultiple * FeedForwardMultiple;
        }
    }

    /// <summary>The numbers in the weights that training changes.</summary>
    public long ParameterCount => LlamaGenPolicy.Shapes(this).Where(shape => shape.IsTrained).Sum(shape => shape.Count);

    /// <summary>The numbers in the weights that are stored but never trained: those that stand for no caption.</summary>
    public long BufferCount => LlamaGenPolicy.Shapes(this).Where(shape => !shape.IsTrained).Sum(shape => shape.Count);

    /// <summary>The shape of a checkpoint of a published size, class- or text-conditional, without loading its weights.</summary>
    /// <param name="path">As for <see cref="LlamaGenPolicy.Load(string, int, TorchSharp.torch.Device?, TorchSharp.torch.ScalarType?)"/>.</param>
    /// <param name="gridSize">16 for 256 px, 24 for 384 px, 32 for 512 px: no tensor depends on it.</param>
    /// <exception cref="CheckpointException">The file cannot be read, or does not hold a LlamaGen generator of a published size.</exception>
    public static LlamaGenConfiguration Recognise(string path, int gridSize = 24)
    {
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        return LlamaGenRecognition.Policy(checkpoint, path, gridSize);
    }

    /// <summary>A published size, with the published vocabulary and classes.</summary>
    /// <param name="size">The size.</param>
    /// <param name="gridSize">16 for 256 px, 24 for 384 px, 32 for 512 px.</param>
    public static LlamaGenConfiguration Of(LlamaGenSize size, int gridSize = 16)
    {
        (int layers, int heads, int width) = size switch
        {
            LlamaGenSize.B => (12, 12, 768),
            LlamaGenSize.L => (24, 16, 1024),
            LlamaGenSize.XL => (36, 20, 1280),
            LlamaGenSize.XXL => (48, 24, 1536),
            LlamaGenSize.XXXL => (48, 40, 2560),
            LlamaGenSize.Billion1 => (22, 32, 2048),
            LlamaGenSize.Billion3 => (24, 32, 3200),
            LlamaGenSize.Billion7 => (32, 32, 4096),
            _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no such size."),
        };
        return new LlamaGenConfiguration { Layers = layers, Heads = heads, Width = width, GridSize = gridSize };
    }

    /// <summary>Whether it is conditioned on captions rather than classes.</summary>
    public bool IsTextConditional => CaptionPlaces > 0;

    /// <summary>The same shape, conditioned on captions.</summary>
    /// <param name="places">The places of a caption.</param>
    /// <param name="width">The features at each place.</param>
    public LlamaGenConfiguration WithCaptions(int places = 120, int width = 2048) => this with { CaptionPlaces = places, CaptionWidth = width };

    /// <summary>The positions before the image's tokens.</summary>
    internal int ConditionTokens => IsTextConditional ? CaptionPlaces : 1;

    internal int KeyValueHeadCount => KeyValueHeads ?? Heads;

    /// <exception cref="ArgumentException">A value is out of range; the message names every such value.</exception>
    internal void Validate()
    {
        var problems = new List<string>();
        void Require(bool holds, string name, object? value, string allowed)
        {
            if (!holds)
                problems.Add($"{name} is {value} but must be {allowed}");
        }

        Require(Layers >= 1, nameof(Layers), Layers, "at least 1");
        Require(Heads >= 1, nameof(Heads), Heads, "at least 1");
        Require(Width >= 1 && Heads >= 1 && Width % (4 * Heads) == 0, nameof(Width), Width, $"a multiple of 4 x Heads = {4 * Heads}");
        Require(KeyValueHeadCount >= 1 && Heads % Math.Max(1, KeyValueHeadCount) == 0, nameof(KeyValueHeads), KeyValueHeads, $"a divisor of Heads = {Heads}");
        Require(VocabularySize >= 2, nameof(VocabularySize), VocabularySize, "at least 2");
        Require(GridSize is >= 1 and <= 1024, nameof(GridSize), GridSize, "1 to 1024");
        Require(Classes >= 1, nameof(Classes), Classes, "at least 1");
        Require(CaptionPlaces is >= 0 and <= 4096, nameof(CaptionPlaces), CaptionPlaces, "0 (a class instead) to 4096");
        Require(CaptionWidth >= 1, nameof(CaptionWidth), CaptionWidth, "at least 1");
        Require(FeedForwardMultiple >= 1, nameof(FeedForwardMultiple), FeedForwardMultiple, "at least 1");
        Require(Dropout is >= 0 and < 1, nameof(Dropout), Dropout, "0 to below 1");
        Require(ClassDropout is >= 0 and <= 1, nameof(ClassDropout), ClassDropout, "0 to 1");
        Require(NormEpsilon > 0, nameof(NormEpsilon), NormEpsilon, "above 0");
        Require(RotaryBase > 1, nameof(RotaryBase), RotaryBase, "above 1");
        if (problems.Count > 0)
            throw new ArgumentException($"The policy's configuration is not usable: {string.Join("; ", problems)}.");
    }
}
