using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.Tests.LlamaGen.Costs;

/// <summary>
/// The tokenizer once more, written plainly, which counts its convolutions and products as it makes them: each weight as often
/// as the output has pixels.
/// </summary>
internal sealed class CountedTokenizer(LlamaGenTokenizer tokenizer)
{
    private readonly Dictionary<string, Tensor> _weights = tokenizer.NamedParameters().ToDictionary(named => named.Name, named => (Tensor)named.Parameter);

    private LlamaGenTokenizerConfiguration Shape => tokenizer.Configuration;

    public long Operations { get; private set; }

    /// <param name="images">(B, 3, H, W).</param>
    /// <returns>(B, T).</returns>
    public Tensor Encode(Tensor images)
    {
        Tensor hidden = Convolution(images, "encoder.conv_in");
        for (int level = 0; level < Shape.ChannelMultipliers.Count; level++)
        {
            hidden = Level(hidden, $"encoder.conv_blocks.{level}", Shape.ResidualBlocks);
            if (level < Shape.ChannelMultipliers.Count - 1)
                hidden = Convolution(F.pad(hidden, (0L, 1L, 0L, 1L)), $"encoder.conv_blocks.{level}.downsample.conv", stride: 2, padding: 0);
        }

        hidden = Convolution(NormSwish(Middle(hidden, "encoder.mid"), "encoder.norm_out"), "encoder.conv_out");
        Tensor vectors = Convolution(hidden, "quant_conv", padding: 0).flatten(2).transpose(1, 2); // (B, T, C)
        Tensor codebook = F.normalize(_weights["quantize.embedding.weight"], dim: -1);
        return Product(F.normalize(vectors, dim: -1), codebook.t()).argmax(-1);
    }

    /// <param name="vectors">(N, C, h, w).</param>
    /// <returns>(N, 3, H, W).</returns>
    public Tensor Decode(Tensor vectors)
    {
        Tensor hidden = Convolution(Convolution(vectors, "post_quant_conv", padding: 0), "decoder.conv_in");
        hidden = Middle(hidden, "decoder.mid");
        for (int level = 0; level < Shape.ChannelMultipliers.Count; level++)
        {
            hidden = Level(hidden, $"decoder.conv_blocks.{level}", Shape.ResidualBlocks + 1);
            if (level < Shape.ChannelMultipliers.Count - 1)
                hidden = Convolution(hidden.repeat_interleave(2, 2).repeat_interleave(2, 3), $"decoder.conv_blocks.{level}.upsample.conv");
        }

        return Convolution(NormSwish(hidden, "decoder.norm_out"), "decoder.conv_out");
    }

    private Tensor Level(Tensor images, string name, int blocks)
    {
        for (int block = 0; block < blocks; block++)
        {
            images = Residual(images, $"{name}.res.{block}");
            if (_weights.ContainsKey($"{name}.attn.{block}.q.weight"))
                images = Attention(images, $"{name}.attn.{block}");
        }

        return images;
    }

    private Tensor Middle(Tensor images, string name) => Residual(Attention(Residual(images, $"{name}.0"), $"{name}.1"), $"{name}.2");

    private Tensor Residual(Tensor images, string name)
    {
        Tensor hidden = Convolution(NormSwish(images, $"{name}.norm1"), $"{name}.conv1");
        hidden = Convolution(NormSwish(hidden, $"{name}.norm2"), $"{name}.conv2");
        return hidden + (_weights.ContainsKey($"{name}.nin_shortcut.weight") ? Convolution(images, $"{name}.nin_shortcut", padding: 0) : images);
    }

    private Tensor Attention(Tensor images, string name)
    {
        Tensor normed = Norm(images, $"{name}.norm");
        Tensor Pixels(string part) => Convolution(normed, $"{name}.{part}", padding: 0).flatten(2).transpose(1, 2); // (B, p, C)
        (Tensor query, Tensor key, Tensor value) = (Pixels("q"), Pixels("k"), Pixels("v"));
        Tensor share = (Product(query, key.transpose(1, 2)) / Math.Sqrt(images.shape[1])).softmax(-1); // (B, p, p)
        return images + Convolution(Product(share, value).transpose(1, 2).reshape(images.shape), $"{name}.proj_out", padding: 0);
    }

    private Tensor NormSwish(Tensor images, string name) => F.silu(Norm(images, name));

    private Tensor Norm(Tensor images, string name) => F.group_norm(images, 32, _weights[$"{name}.weight"], _weights[$"{name}.bias"], 1e-6);

    private Tensor Convolution(Tensor images, string name, int stride = 1, int padding = 1)
    {
        Tensor weight = _weights[$"{name}.weight"];
        Tensor output = F.conv2d(images, weight, _weights[$"{name}.bias"], strides: [stride, stride], padding: [padding, padding]);
        Operations += 2 * weight.numel() * output.shape[0] * output.shape[2] * output.shape[3];
        return output;
    }

    private Tensor Product(Tensor left, Tensor right)
    {
        Tensor output = left.matmul(right);
        Operations += 2 * output.numel() * left.shape[^1];
        return output;
    }
}
