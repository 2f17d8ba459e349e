using VaPi.Models.Weights;
using VaPi.Shared;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.LlamaGen;

/// <summary>Images to latents, halving at every level but the last.</summary>
internal sealed class VqEncoder(LlamaGenTokenizerConfiguration configuration, ModelWeights weights)
{
    private readonly VqLayers _layers = new(weights);

    public static IEnumerable<ParameterShape> Shapes(LlamaGenTokenizerConfiguration configuration)
    {
        int levels = configuration.ChannelMultipliers.Count;
        long channels = configuration.BaseChannels;
        var shapes = new List<ParameterShape>(VqLayers.ConvolutionShapes("encoder.conv_in", 3, channels, 3));
        for (int level = 0; level < levels; level++)
        {
            string name = $"encoder.conv_blocks.{level}";
            long to = configuration.ChannelsAt(level);
            for (int block = 0; block < configuration.ResidualBlocks; block++)
            {
                shapes.AddRange(VqLayers.ResidualShapes($"{name}.res.{block}", channels, to));
                channels = to;
                if (level == levels - 1)
                    shapes.AddRange(VqLayers.AttentionShapes($"{name}.attn.{block}", channels));
            }

            if (level < levels - 1)
                shapes.AddRange(VqLayers.ConvolutionShapes($"{name}.downsample.conv", channels, channels, 3));
        }

        shapes.AddRange(VqLayers.MiddleShapes("encoder.mid", channels));
        shapes.AddRange(VqLayers.NormShapes("encoder.norm_out", channels));
        shapes.AddRange(VqLayers.ConvolutionShapes("encoder.conv_out", channels, configuration.LatentChannels, 3));
        shapes.AddRange(VqLayers.ConvolutionShapes("quant_conv", configuration.LatentChannels, configuration.CodebookWidth, 1));
        return shapes;
    }

    /// <param name="images">(B, 3, H, W) in [-1, 1].</param>
    /// <returns>(B, C, h, w): what the quantiser is given.</returns>
    public Tensor Forward(Tensor images)
    {
        int levels = configuration.ChannelMultipliers.Count;
        Tensor hidden = _layers.Convolution(ConvolutionLayout.Suiting(images), "encoder.conv_in");
        for (int level = 0; level < levels; level++)
        {
            string name = $"encoder.conv_blocks.{level}";
            for (int block = 0; block < configuration.ResidualBlocks; block++)
            {
                hidden = _layers.Residual(hidden, $"{name}.res.{block}");
                if (level == levels - 1)
                    hidden = _layers.Attention(hidden, $"{name}.attn.{block}");
            }

            // Published: one row and one column of zeros on the far sides only, then a stride of 2 without padding.
            if (level < levels - 1)
                hidden = ConvolutionLayout.Suiting(_layers.Convolution(F.pad(hidden, (0L, 1L, 0L, 1L)), $"{name}.downsample.conv", stride: 2, padding: 0));
        }

        hidden = _layers.Middle(hidden, "encoder.mid");
        hidden = _layers.Convolution(_layers.NormSwish(hidden, "encoder.norm_out"), "encoder.conv_out");
        return _layers.Convolution(hidden, "quant_conv", padding: 0);
    }
}
