using System.Globalization;
using TorchSharp;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen.Costs;

public class TokenizerOperationsTests
{
    [Theory]
    [InlineData(1, new[] { 1, 2 })]
    [InlineData(2, new[] { 1, 1, 2 })]
    [InlineData(1, new[] { 2 })]
    public void An_image_has_as_many_operations_as_the_networks_make(int blocks, int[] multipliers)
    {
        using DisposeScope scope = NewDisposeScope();
        LlamaGenTokenizerConfiguration shape = Toys.TokenizerShape with { ResidualBlocks = blocks, ChannelMultipliers = multipliers };
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(shape, seed: 1);
        Tensor images = Toys.Images(2);
        Tensor tokens = tokenizer.Encode(images);
        (var encoding, var decoding) = (new CountedTokenizer(tokenizer), new CountedTokenizer(tokenizer));

        Tensor encoded = encoding.Encode(images);
        TokenStage grid = tokenizer.Layout.Stages[0];
        Tensor decoded = decoding.Decode(tokenizer.Codebook[tokens].transpose(1, 2).reshape(2, shape.CodebookWidth, grid.Height, grid.Width));

        Same.AssertExact(tokens, encoded);
        Same.AssertClose(tokenizer.Decode(tokens), decoded);
        Assert.Equal(encoding.Operations, 2 * TokenizerOperations.Encode(shape));
        Assert.Equal(decoding.Operations, 2 * TokenizerOperations.Decode(shape));
    }

    // The published tokenizers are too large to run here: their tensors' names tell how many pixels each convolution has.
    [Theory]
    [InlineData(16, 256)]
    [InlineData(16, 384)]
    [InlineData(8, 256)]
    public void The_published_tokenizers_cost_their_weights_times_pixels_and_attention(int downsampling, int side)
    {
        LlamaGenTokenizerConfiguration shape = downsampling == 16 ? LlamaGenTokenizerConfiguration.Vq16(side) : LlamaGenTokenizerConfiguration.Vq8(side);
        long coarse = side / downsampling;

        // 512 channels; in the encoder after 2 blocks and in the middle, in the decoder after 3 and in the middle.
        long attention = 4 * 512 * coarse * coarse * coarse * coarse;
        long codebook = 2 * coarse * coarse * 8 * 16384;

        Assert.Equal(Convolutions("encoder", "quant_conv") + 3 * attention + codebook, TokenizerOperations.Encode(shape));
        Assert.Equal(Convolutions("decoder", "post_quant_conv") + 4 * attention, TokenizerOperations.Decode(shape));

        long Convolutions(string network, string besides) => LlamaGenTokenizer.Shapes(shape)
            .Where(tensor => tensor.Shape.Length == 4 && (tensor.Name.StartsWith(network, StringComparison.Ordinal) || tensor.Name.StartsWith(besides, StringComparison.Ordinal)))
            .Sum(tensor => 2 * tensor.Count * Side(tensor.Name) * Side(tensor.Name));

        long Side(string name)
        {
            string[] parts = name.Split('.');
            if (parts is not [_, "conv_blocks", var number, var kind, ..])
                return name is "encoder.conv_in.weight" or "decoder.conv_out.weight" ? side : coarse;
            int level = int.Parse(number, CultureInfo.InvariantCulture);
            return (parts[0], kind) switch
            {
                ("encoder", "downsample") => side >> (level + 1),
                ("encoder", _) => side >> level,
                (_, "upsample") => coarse << (level + 1),
                _ => coarse << level,
            };
        }
    }
}
