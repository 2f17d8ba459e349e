using VaPi.Checkpoints;

namespace VaPi.Models.LlamaGen;

/// <summary>The shape of LlamaGen's VQ tokenizer. The defaults are those of VQ-16.</summary>
public sealed record LlamaGenTokenizerConfiguration
{
    /// <summary>The size of the images; both sides multiples of <see cref="Downsampling"/>.</summary>
    public required ImageSize ImageSize { get; init; }

    /// <summary>Channels of the finest level; a multiple of 32 (the groups of its norms).</summary>
    public int BaseChannels { get; init; } = 128;

    /// <summary>Channels of each level, finest first, as multiples of the base: [1, 1, 2, 2, 4] for VQ-16, [1, 2, 2, 4] for VQ-8.</summary>
    public IReadOnlyList<int> ChannelMultipliers { get; init; } = [1, 1, 2, 2, 4];

    /// <summary>Residual blocks of each encoder level; the decoder has one more.</summary>
    public int ResidualBlocks { get; init; } = 2;

    /// <summary>Channels between the encoder and the quantiser.</summary>
    public int LatentChannels { get; init; } = 256;

    /// <summary>V, the number of codebook rows.</summary>
    public int CodebookSize { get; init; } = 16384;

    /// <summary>C, the width of a codebook row.</summary>
    public int CodebookWidth { get; init; } = 8;

    /// <summary>Pixels along a side for one token: 2^(levels - 1).</summary>
    public int Downsampling => 1 << (ChannelMultipliers.Count - 1);

    /// <summary>The numbers in the weights.</summary>
    public long ParameterCount => LlamaGenTokenizer.Shapes(this).Sum(shape => shape.Count);

    /// <summary>The shape of a checkpoint, all of which its tensors tell, without loading its weights.</summary>
    /// <param name="path">As for <see cref="LlamaGenTokenizer.Load(string, ImageSize, TorchSharp.torch.Device?)"/>.</param>
    /// <param name="imageSize">The size of the images, such as 256, 384 or 512.</param>
    /// <exception cref="CheckpointException">The file cannot be read or does not hold such a tokenizer.</exception>
    public static LlamaGenTokenizerConfiguration Recognise(string path, ImageSize imageSize)
    {
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        return LlamaGenRecognition.Tokenizer(checkpoint, path, imageSize);
    }

    /// <summary>VQ-16, which makes one token of 16x16 pixels.</summary>
    public static LlamaGenTokenizerConfiguration Vq16(ImageSize imageSize) => new() { ImageSize = imageSize };

    /// <summary>VQ-8, which makes one token of 8x8 pixels.</summary>
    public static LlamaGenTokenizerConfiguration Vq8(ImageSize imageSize) => new() { ImageSize = imageSize, ChannelMultipliers = [1, 2, 2, 4] };

    internal int ChannelsAt(int level) => BaseChannels * ChannelMultipliers[level];

    /// <summary>Everything that decides what the weights compute, as text that is the same for equal configurations.</summary>
    internal string Describe() =>
        $"LlamaGen VQ {ImageSize} {BaseChannels} [{string.Join(",", ChannelMultipliers)}] {ResidualBlocks} {LatentChannels} {CodebookSize} {CodebookWidth}";

    /// <exception cref="ArgumentException">A value is out of range; the message names every such value.</exception>
    internal void Validate()
    {
        var problems = new List<string>();
        void Require(bool holds, string name, object value, string allowed)
        {
            if (!holds)
                problems.Add($"{name} is {value} but must be {allowed}");
        }

        Require(BaseChannels >= 32 && BaseChannels % 32 == 0, nameof(BaseChannels), BaseChannels, "a multiple of 32");
        Require(
            ChannelMultipliers.Count is >= 1 and <= 8 && ChannelMultipliers.All(multiplier => multiplier >= 1),
            nameof(ChannelMultipliers),
            $"[{string.Join(", ", ChannelMultipliers)}]",
            "1 to 8 numbers of at least 1");
        Require(ResidualBlocks >= 1, nameof(ResidualBlocks), ResidualBlocks, "at least 1");
        Require(LatentChannels >= 1, nameof(LatentChannels), LatentChannels, "at least 1");
        Require(CodebookSize >= 2, nameof(CodebookSize), CodebookSize, "at least 2");
        Require(CodebookWidth >= 1, nameof(CodebookWidth), CodebookWidth, "at least 1");
        if (problems.Count == 0)
        {
            Require(
                ImageSize.Height >= Downsampling && ImageSize.Width >= Downsampling && ImageSize.Height % Downsampling == 0 && ImageSize.Width % Downsampling == 0,
                nameof(ImageSize),
                ImageSize,
                $"a multiple of {Downsampling} on both sides");
        }

        if (problems.Count > 0)
            throw new ArgumentException($"The tokenizer's configuration is not usable: {string.Join("; ", problems)}.");
    }
}
