using System.Globalization;
using VaPi.Checkpoints;
using VaPi.Models.Weights;

namespace VaPi.Models.LlamaGen;

/// <summary>Tells from a checkpoint's tensors which model it holds.</summary>
internal static class LlamaGenRecognition
{
    /// <summary>A policy's shape. What no tensor tells, the number of heads, is that of the published size with as many layers of that width.</summary>
    /// <exception cref="CheckpointException">It is no LlamaGen policy, or none of a published size.</exception>
    public static LlamaGenConfiguration Policy(CheckpointReader checkpoint, string path, int gridSize)
    {
        var shapes = new Shapes(checkpoint, path, "Give the checkpoint of a LlamaGen generator, or its configuration");
        long[] tokens = shapes.Of("tok_embeddings.weight", 2);
        int layers = shapes.CountOf("layers.", ".attention_norm.weight");
        LlamaGenSize[] sizes = [.. Enum.GetValues<LlamaGenSize>().Where(size => LlamaGenConfiguration.Of(size) is { } known && known.Layers == layers && known.Width == tokens[1])];
        if (sizes is not [LlamaGenSize published])
        {
            string known = string.Join(", ", Enum.GetValues<LlamaGenSize>().Select(size => $"{size} ({LlamaGenConfiguration.Of(size).Layers} of {LlamaGenConfiguration.Of(size).Width})"));
            throw new CheckpointException(
                path, $"it has {layers} layers of width {tokens[1]}, which is no published size", known, "Give a LlamaGenConfiguration; the number of heads cannot be told from the tensors");
        }

        LlamaGenConfiguration configuration = LlamaGenConfiguration.Of(published, gridSize) with { VocabularySize = (int)tokens[0] };
        configuration = shapes.Has("cls_embedding.uncond_embedding")
            ? configuration.WithCaptions((int)shapes.Of("cls_embedding.uncond_embedding", 2)[0], (int)shapes.Of("cls_embedding.uncond_embedding", 2)[1])
            : configuration with { Classes = (int)shapes.Of("cls_embedding.embedding_table.weight", 2)[0] - 1 };
        shapes.Require((configuration with { GridSize = 1 }).Validate); // the grid is the caller's
        return configuration;
    }

    /// <summary>A tokenizer's shape, all of which its tensors tell.</summary>
    /// <exception cref="CheckpointException">It is no LlamaGen tokenizer.</exception>
    public static LlamaGenTokenizerConfiguration Tokenizer(CheckpointReader checkpoint, string path, ImageSize imageSize)
    {
        var shapes = new Shapes(checkpoint, path, "Give the checkpoint of a LlamaGen VQ tokenizer, or its configuration");
        long[] codebook = shapes.Of("quantize.embedding.weight", 2);
        int channels = (int)shapes.Of("encoder.conv_in.weight", 4)[0];
        int levels = shapes.CountOf("encoder.conv_blocks.", ".res.0.norm1.weight");
        var configuration = new LlamaGenTokenizerConfiguration
        {
            ImageSize = imageSize,
            BaseChannels = channels,
            ChannelMultipliers = [.. Enumerable.Range(0, levels).Select(level => (int)shapes.Of($"encoder.conv_blocks.{level}.res.0.conv1.weight", 4)[0] / channels)],
            ResidualBlocks = shapes.CountOf("encoder.conv_blocks.0.res.", ".norm1.weight"),
            LatentChannels = (int)shapes.Of("quant_conv.weight", 4)[1],
            CodebookSize = (int)codebook[0],
            CodebookWidth = (int)codebook[1],
        };
        shapes.Require(() => (configuration with { ImageSize = configuration.Downsampling }).Validate()); // the image size is the caller's
        return configuration;
    }

    private sealed class Shapes(CheckpointReader checkpoint, string path, string remedy)
    {
        private readonly Dictionary<string, long[]> _entries = checkpoint.Entries.ToDictionary(entry => entry.Name, entry => entry.Shape.ToArray());
        private readonly CheckpointNames _names = new(checkpoint);

        public bool Has(string name) => _names.Find(name) is not null;

        /// <summary>The shape of a tensor that must be there, with sides that a size can have.</summary>
        public long[] Of(string name, int dimensions)
        {
            if (_names.Find(name) is not { } stored)
                throw new CheckpointException(path, $"it has no tensor '{name}'", "every tensor of the model", remedy);
            long[] shape = _entries[stored];
            return shape.Length == dimensions && shape.All(side => side is >= 1 and <= int.MaxValue)
                ? shape
                : throw new CheckpointException(path, $"'{name}' is ({string.Join(", ", shape)})", $"{dimensions} sides of at least 1", remedy);
        }

        /// <summary>Refuses a file whose shapes make no usable configuration.</summary>
        public void Require(Action validate)
        {
            try
            {
                validate();
            }
            catch (ArgumentException exception)
            {
                throw new CheckpointException(path, $"its shapes make no usable model: {exception.Message}", "the shapes of a LlamaGen model", remedy, exception);
            }
        }

        /// <summary>How many names there are with 0, 1, 2, … between the two parts.</summary>
        public int CountOf(string before, string after)
        {
            int count = 0;
            while (Has(before + count.ToString(CultureInfo.InvariantCulture) + after))
                count++;
            return count > 0 ? count : throw new CheckpointException(path, $"it has no tensor '{before}0{after}'", "every tensor of the model", remedy);
        }
    }
}
