using VaPi.Models.Weights;
using VaPi.Shared;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>Codebook vectors to images: the middle first, then the levels from coarse to fine.</summary>
internal sealed class VqDecoder(LlamaGenTokenizerConfiguration configuration, ModelWeights weights)
{
    private readonly VqLayers _layers = new(weights);

    public static IEnumerable<ParameterShape> Shapes(LlamaGenTokenizerConfiguration configuration)
    {
        int levels = configuration.ChannelMultipliers.Count;
        long channels = configuration.ChannelsAt(levels - 1);
        var shapes = new List<ParameterShape>();
        shapes.AddRange(VqLayers.ConvolutionShapes("post_quant_conv", configuration.CodebookWidth, configuration.LatentChannels, 1));
        shapes.AddRange(VqLayers.ConvolutionShapes("decoder.conv_in", configuration.LatentChannels, channels, 3));
        shapes.AddRange(VqLayers.MiddleShapes("decoder.mid", channels));
        for (int step = 0; step < levels; step++)
        {
            string name = $"decoder.conv_blocks.{step}";
            long to = configuration.ChannelsAt(levels - 1 - step);
            for (int block = 0; block <= configuration.ResidualBlocks; block++)
            {
                shapes.AddRange(VqLayers.ResidualShapes($"{name}.res.{block}", channels, to));
                channels = to;
                if (step == 0)
                    shapes.AddRange(VqLayers.AttentionShapes($"{name}.attn.{block}", channels));
            }

            if (step < levels - 1)
                shapes.AddRange(VqLayers.ConvolutionShapes($"{name}.upsample.conv", channels, channels, 3));
        }

        shapes.AddRange(VqLayers.NormShapes("decoder.norm_out", channels));
        shapes.AddRange(VqLayers.ConvolutionShapes("decoder.conv_out", channels, 3, 3));
        return shapes;
    }

    /// <param name="vectors">(N, C, h, w): codebook rows in their cells.</param>
    /// <returns>(N, 3, H, W), not clamped.</returns>
    public Tensor Forward(Tensor vectors)
    {
        int levels = configuration.ChannelMultipliers.Count;
        Tensor hidden = _layers.Convolution(ConvolutionLayout.Suiting(vectors), "post_quant_conv", padding: 0);
        hidden = _layers.Convolution(hidden, "decoder.conv_in");
        hidden = _layers.Middle(hidden, "decoder.mid");
        for (int step = 0; step < levels; step++)
        {
            string name = $"decoder.conv_blocks.{step}";
            for (int block = 0; block <= configuration.ResidualBlocks; block++)
            {
                hidden = _layers.Residual(hidden, $"{name}.res.{block}");
                if (step == 0)
                    hidden = _layers.Attention(hidden, $"{name}.attn.{block}");
            }

            if (step < levels - 1)
                hidden = _layers.Convolution(ConvolutionLayout.Doubled(hidden), $"{name}.upsample.conv");
        }

        return _layers.Convolution(_layers.NormSwish(hidden, "decoder.norm_out"), "decoder.conv_out").contiguous();
    }
}
