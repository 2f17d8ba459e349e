using VaPi.Models.LlamaGen;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>The multiplications and additions of a rollout's matrix products and convolutions; nothing else counts as work.</summary>
internal static class RolloutOperations
{
    // VGG-16's convolutions as LPIPS uses them: channels in and out, and the halvings before them.
    private static readonly (int From, int To, int Halvings)[] s_vgg =
    [
        (3, 64, 0), (64, 64, 0), (64, 128, 1), (128, 128, 1), (128, 256, 2), (256, 256, 2), (256, 256, 2), (256, 512, 3), (512, 512, 3), (512, 512, 3),
        (512, 512, 4), (512, 512, 4), (512, 512, 4),
    ];

    /// <summary>Of a whole rollout and its update, without a KL term.</summary>
    public static double Of(RolloutCase rollout)
    {
        (double images, double samples) = (rollout.Images, rollout.Images * rollout.GroupSize);
        double policy = Policy(rollout.Size.Policy);
        double scoring = images * Encode(rollout.Size.Tokenizer) + samples * Decode(rollout.Size.Tokenizer);
        double perceptual = Vgg(rollout.Size.Tokenizer.ImageSize);

        // A backward pass is two forward passes' worth. The library's sampling forward is its training forward.
        return rollout.Arrangement == RolloutCase.Library
            ? scoring + (samples + images) * perceptual + 3 * images * policy
            : scoring + 2 * samples * perceptual + images * policy + 3 * samples * policy;
    }

    private static double Policy(LlamaGenConfiguration policy)
    {
        double tokens = policy.TokenCount;
        double width = policy.Width;
        double perLayer = (policy.Heads + 2.0 * (policy.KeyValueHeads ?? policy.Heads)) / policy.Heads * width * width + width * width + 3 * width * policy.FeedForwardWidth;

        // Attention is causal: half of the (T, T) products.
        return 2 * tokens * (policy.Layers * perLayer + width * policy.VocabularySize) + policy.Layers * 2 * tokens * tokens * width;
    }

    private static double Vgg(ImageSize size) =>
        s_vgg.Sum(layer => Convolution(layer.From, layer.To, (double)(size.Height >> layer.Halvings) * (size.Width >> layer.Halvings)));

    private static double Encode(LlamaGenTokenizerConfiguration tokenizer)
    {
        int last = tokenizer.ChannelMultipliers.Count - 1;
        double channels = tokenizer.BaseChannels;
        double sum = Convolution(3, channels, Pixels(tokenizer, 0));
        for (int level = 0; level <= last; level++)
        {
            double to = tokenizer.BaseChannels * tokenizer.ChannelMultipliers[level];
            for (int block = 0; block < tokenizer.ResidualBlocks; block++, channels = to)
                sum += Residual(channels, to, Pixels(tokenizer, level)) + (level == last ? Attention(to, Pixels(tokenizer, level)) : 0);
            if (level < last)
                sum += Convolution(channels, channels, Pixels(tokenizer, level + 1));
        }

        return sum + Middle(channels, Pixels(tokenizer, last)) + Convolution(channels, tokenizer.LatentChannels, Pixels(tokenizer, last))
            + 2 * Pixels(tokenizer, last) * tokenizer.CodebookSize * tokenizer.CodebookWidth;
    }

    private static double Decode(LlamaGenTokenizerConfiguration tokenizer)
    {
        int last = tokenizer.ChannelMultipliers.Count - 1;
        double channels = tokenizer.BaseChannels * tokenizer.ChannelMultipliers[last];
        double sum = Convolution(tokenizer.LatentChannels, channels, Pixels(tokenizer, last)) + Middle(channels, Pixels(tokenizer, last));
        for (int level = last; level >= 0; level--)
        {
            double to = tokenizer.BaseChannels * tokenizer.ChannelMultipliers[level];
            for (int block = 0; block <= tokenizer.ResidualBlocks; block++, channels = to)
                sum += Residual(channels, to, Pixels(tokenizer, level)) + (level == last ? Attention(to, Pixels(tokenizer, level)) : 0);
            if (level > 0)
                sum += Convolution(channels, channels, Pixels(tokenizer, level - 1));
        }

        return sum + Convolution(channels, 3, Pixels(tokenizer, 0));
    }

    private static double Pixels(LlamaGenTokenizerConfiguration tokenizer, int halvings) =>
        (double)(tokenizer.ImageSize.Height >> halvings) * (tokenizer.ImageSize.Width >> halvings);

    private static double Middle(double channels, double pixels) => 2 * Residual(channels, channels, pixels) + Attention(channels, pixels);

    private static double Residual(double from, double to, double pixels) =>
        Convolution(from, to, pixels) + Convolution(to, to, pixels) + (from == to ? 0 : 2 * from * to * pixels);

    private static double Attention(double channels, double pixels) => 8 * channels * channels * pixels + 4 * pixels * pixels * channels;

    // 3 x 3.
    private static double Convolution(double from, double to, double pixels) => 18 * from * to * pixels;
}
